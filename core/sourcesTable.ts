/** Where visits come from, as data. Hosts are matched from the right, label by label: `m.facebook.com` is `facebook.com`. */

export type Medium = 'organic' | 'cpc' | 'social' | 'email'

/** Parameters that advertisers' platforms put on the landing page's address. The first of this list that is present wins. */
export const clickIds: readonly (readonly [parameter: string, source: string, medium: Medium])[] = [
  ['gclid', 'google', 'cpc'],
  ['gbraid', 'google', 'cpc'],
  ['wbraid', 'google', 'cpc'],
  ['dclid', 'google', 'cpc'],
  ['msclkid', 'bing', 'cpc'],
  ['ttclid', 'tiktok', 'cpc'],
  ['twclid', 'twitter', 'cpc'],
  ['li_fat_id', 'linkedin', 'cpc'],
  ['rdt_cid', 'reddit', 'cpc'],
  ['sccid', 'snapchat', 'cpc'],
  ['yclid', 'yandex', 'cpc'],
  ['epik', 'pinterest', 'social'],
  // Facebook and Instagram put theirs on every outgoing link, paid or not; what is paid says so in its UTM medium.
  ['fbclid', 'facebook', 'social'],
  ['igshid', 'instagram', 'social'],
  ['mc_cid', 'mailchimp', 'email'],
]

/** Search engines that have a host in almost every country. Only these names in front: `docs.google.com` is no search. */
export const searchEverywhere =
  /^(?:(?:www|m|images|lens|search|[a-z]{2}\.search|r\.search)\.)?(google|bing|yahoo|yandex)\.(?:com?\.)?[a-z]{2,3}$/

/** Referring hosts that we know, and what a visit from there is. */
export const hosts: Readonly<Record<string, readonly [source: string, medium: Medium]>> = {
  // Search
  'com.google.android.googlequicksearchbox': ['google', 'organic'],
  'syndicatedsearch.goog': ['google', 'organic'],
  'duckduckgo.com': ['duckduckgo', 'organic'],
  'ecosia.org': ['ecosia', 'organic'],
  'qwant.com': ['qwant', 'organic'],
  'startpage.com': ['startpage', 'organic'],
  'search.brave.com': ['brave', 'organic'],
  'kagi.com': ['kagi', 'organic'],
  'mojeek.com': ['mojeek', 'organic'],
  'swisscows.com': ['swisscows', 'organic'],
  'baidu.com': ['baidu', 'organic'],
  'sogou.com': ['sogou', 'organic'],
  'so.com': ['so.com', 'organic'],
  'naver.com': ['naver', 'organic'],
  'daum.net': ['daum', 'organic'],
  'ya.ru': ['yandex', 'organic'],
  'seznam.cz': ['seznam', 'organic'],
  'search.aol.com': ['aol', 'organic'],
  'ask.com': ['ask', 'organic'],
  'eniro.se': ['eniro', 'organic'],
  'krak.dk': ['krak', 'organic'],
  'degulesider.dk': ['degulesider', 'organic'],
  'gulesider.no': ['gulesider', 'organic'],
  'jubii.dk': ['jubii', 'organic'],

  // Social
  'facebook.com': ['facebook', 'social'],
  'fb.com': ['facebook', 'social'],
  'fb.me': ['facebook', 'social'],
  'messenger.com': ['facebook', 'social'],
  'com.facebook.katana': ['facebook', 'social'],
  'instagram.com': ['instagram', 'social'],
  'threads.net': ['threads', 'social'],
  'threads.com': ['threads', 'social'],
  'whatsapp.com': ['whatsapp', 'social'],
  'wa.me': ['whatsapp', 'social'],
  'linkedin.com': ['linkedin', 'social'],
  'lnkd.in': ['linkedin', 'social'],
  'com.linkedin.android': ['linkedin', 'social'],
  'twitter.com': ['twitter', 'social'],
  'x.com': ['twitter', 'social'],
  't.co': ['twitter', 'social'],
  'bsky.app': ['bluesky', 'social'],
  'mastodon.social': ['mastodon', 'social'],
  'tiktok.com': ['tiktok', 'social'],
  'youtube.com': ['youtube', 'social'],
  'youtu.be': ['youtube', 'social'],
  'pinterest.com': ['pinterest', 'social'],
  'pin.it': ['pinterest', 'social'],
  'reddit.com': ['reddit', 'social'],
  'com.reddit.frontpage': ['reddit', 'social'],
  'snapchat.com': ['snapchat', 'social'],
  't.me': ['telegram', 'social'],
  'telegram.org': ['telegram', 'social'],
  'discord.com': ['discord', 'social'],
  'quora.com': ['quora', 'social'],
  'tumblr.com': ['tumblr', 'social'],
  'vk.com': ['vk', 'social'],
  'weibo.com': ['weibo', 'social'],
  'xing.com': ['xing', 'social'],

  // Mail
  'mail.google.com': ['gmail', 'email'],
  'com.google.android.gm': ['gmail', 'email'],
  'mail.yahoo.com': ['yahoo-mail', 'email'],
  'outlook.live.com': ['outlook', 'email'],
  'outlook.office.com': ['outlook', 'email'],
  'outlook.office365.com': ['outlook', 'email'],
  'mail.live.com': ['outlook', 'email'],
  'mail.aol.com': ['aol-mail', 'email'],
  'mail.proton.me': ['proton-mail', 'email'],
  'app.fastmail.com': ['fastmail', 'email'],
  'mail.zoho.com': ['zoho-mail', 'email'],
  'mail.ru': ['mail.ru', 'email'],
  'gmx.net': ['gmx', 'email'],
  'web.de': ['web.de', 'email'],
}
