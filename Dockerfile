# All roles in one image: docker run ringtrail, … ringtrail gateway, … ringtrail worker. See docs/deploy.md.
# Debian 13, because the uWebSockets.js binary wants glibc 2.38; Alpine and Debian 12 do not have it.
FROM node:24-trixie-slim AS parts
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package that we ship needs its install script here, and no binary for other machines is shipped.
RUN npm ci --omit=dev --ignore-scripts \
 && find node_modules/uWebSockets.js -name 'uws_*.node' \
      ! -name "uws_linux_$(node -p process.arch)_$(node -p process.versions.modules).node" -delete

FROM node:24-trixie-slim
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Ringtrail" \
      org.opencontainers.image.description="Real-time call attribution: which website visit made this phone ring" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN apt-get update \
 && apt-get install -y --no-install-recommends nats-server \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=parts /app/node_modules node_modules
COPY package.json LICENSE NOTICE ./
COPY core core
COPY config config
COPY gateway gateway
COPY workers workers
# The code belongs to root and stays as it is; the data folder is all that the process may write.
RUN node --input-type=module -e "(await import('/app/config/setup/preflight.ts')).preflight()" \
 && install -d -o node -g node -m 0700 /app/data
ENV NODE_ENV=production
USER node
VOLUME /app/data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "gateway/main.ts"]
CMD ["start"]
