/** How the readable report looks, on a screen, a phone and paper. */
export const style = `
:root { --ink: #16211b; --quiet: #4b5b52; --leaf: #14532d; --mist: #f1f6f2; --line: #d5e0d8; color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--mist); color: var(--ink); font: 1rem/1.55 system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
header, main { max-width: 60rem; margin: 0 auto; padding: 0 1.5rem; }
header { margin-top: 2rem; }
h1 { margin: 0 0 1rem; font-size: 2rem; line-height: 1.2; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { margin: 0 0 0.75rem; font-size: 1.35rem; line-height: 1.25; color: var(--leaf); }
h3 { margin: 0 0 0.5rem; font-size: 1.05rem; }
h3::first-letter { text-transform: uppercase; }
p { margin: 0 0 0.75rem; max-width: 46rem; }
section { margin: 1.5rem 0; padding: 1.5rem; background: #fff; border: 1px solid var(--line); border-radius: 0.75rem; }
article { margin-top: 1rem; padding-top: 1rem; border-top: 1px solid var(--line); }
ul { margin: 0 0 0.75rem; padding-left: 1.25rem; max-width: 46rem; }
li { margin: 0.25rem 0; }
dl { margin: 0; }
dl div { display: grid; grid-template-columns: 14rem minmax(0, 1fr); gap: 0 1rem; padding: 0.15rem 0; }
dt { color: var(--quiet); overflow-wrap: anywhere; }
dd { margin: 0; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 1rem; padding: 0; max-width: none; list-style: none; }
.figures li { margin: 0; padding: 0.75rem 1rem; background: var(--mist); border-radius: 0.5rem; color: var(--quiet); }
.figures b { display: block; font-size: 1.75rem; line-height: 1.2; color: var(--ink); font-variant-numeric: tabular-nums; }
ol { margin: 1rem 0 0; padding: 0 0 0 1.25rem; border-left: 2px solid var(--line); list-style: none; }
ol > li { position: relative; margin: 0 0 1rem; }
ol > li::before { content: ""; position: absolute; left: -1.6rem; top: 0.5rem; width: 0.6rem; height: 0.6rem; border-radius: 50%; background: var(--leaf); }
ol > li > b { display: block; }
time { display: block; font-size: 0.875rem; color: var(--quiet); font-variant-numeric: tabular-nums; }
ol dl div { grid-template-columns: 12.75rem minmax(0, 1fr); }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0.4rem 1rem 0.4rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { color: var(--quiet); font-weight: 600; }
td:first-child { width: 14rem; }
td:last-child, th:last-child { width: 6rem; padding-right: 0; white-space: nowrap; }
@media (max-width: 40rem) {
  header, main { padding: 0 1rem; }
  section { padding: 1rem; }
  h1 { font-size: 1.5rem; }
  dl div, ol dl div { grid-template-columns: minmax(0, 1fr); padding: 0.3rem 0; }
  dt { font-size: 0.875rem; }
  .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  thead { display: none; }
  tr { display: block; padding: 0.6rem 0; border-bottom: 1px solid var(--line); }
  td, td:first-child, td:last-child { display: block; width: auto; padding: 0; border: 0; white-space: normal; }
  td:first-child { font-weight: 600; }
  td:last-child::before { content: attr(data-head) ": "; color: var(--quiet); }
}
@media print {
  @page { margin: 18mm 16mm; }
  body { background: #fff; font-size: 10pt; }
  header, main { max-width: none; padding: 0; }
  header { margin: 0; }
  section { margin: 0 0 8mm; padding: 0; border: 0; }
  h2, h3 { break-after: avoid; }
  dl div, tr, ol > li { break-inside: avoid; }
  .figures li { border: 1px solid var(--line); }
}
`
