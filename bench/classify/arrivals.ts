import type { Arrival } from '../../core/sources.ts'

/** A mix of page views as a shop has them: of twenty, five go on within the site, two come directly, four by an advertisement. */
export const arrivals: readonly Arrival[] = [
  { url: `${shop()}/`, referrer: null },
  { url: `${shop()}/garden/chairs`, referrer: 'https://www.google.com/' },
  {
    url: `${shop()}/?utm_source=google&utm_medium=cpc&utm_campaign=spring-garden&utm_content=top&utm_term=oak+chairs&gclid=${clickId('Cj0KCQ')}`,
    referrer: 'https://www.google.com/',
  },
  { url: `${shop()}/garden/tables`, referrer: `${shop()}/garden/chairs` },
  {
    url: `${shop()}/garden?gad_source=1&gad_campaignid=20512345678&gbraid=0AAAAADf4Kx9&gclid=${clickId('EAIaIQ')}`,
    referrer: 'https://www.google.de/',
  },
  { url: `${shop()}/garden/chairs/14`, referrer: `${shop()}/garden?page=2&sort=price` },
  { url: `${shop()}/?fbclid=${clickId('IwAR2F')}`, referrer: 'https://l.facebook.com/' },
  {
    url: `${shop()}/sale?utm_source=newsletter&utm_medium=email&utm_campaign=2026-11-black-week&utm_content=hero&mc_cid=5f1c2d3e4b&mc_eid=UNIQID`,
    referrer: null,
  },
  { url: `${shop()}/`, referrer: 'https://www.bing.com/search?q=oak+garden+chairs&form=QBLH' },
  { url: `${shop()}/garden`, referrer: 'https://duckduckgo.com/' },
  { url: `${shop()}/about`, referrer: `${shop()}/` },
  {
    url: `${shop()}/?msclkid=${clickId('7d3b1a')}&utm_source=bing&utm_medium=cpc&utm_campaign=garden`,
    referrer: 'https://www.bing.com/',
  },
  { url: `${shop()}/garden/chairs`, referrer: 'https://chatgpt.com/' },
  { url: `${shop()}/garden/chairs?utm_source=chatgpt.com`, referrer: 'https://chatgpt.com/' },
  {
    url: `${shop()}/journal/oak-care`,
    referrer: 'https://www.trae-og-have.example/artikler/2026/pleje-af-eg?side=2',
  },
  { url: `${shop()}/garden`, referrer: 'android-app://com.google.android.googlequicksearchbox/' },
  { url: `${shop()}/contact`, referrer: `${shop()}/garden/chairs/14` },
  {
    url: `${shop()}/p/1?utm_source=partner-ads&utm_medium=affiliate&utm_campaign=H%C3%B8st%20udsalg`,
    referrer: 'https://www.partner-ads.com/dk/klikbanner.php?partnerid=12&bannerid=34',
  },
  { url: `${shop()}/basket`, referrer: 'https://checkout.example-pay.com/return' },
  { url: `${shop()}/garden?color=oak&size=4&in_stock=1`, referrer: 'https://www.pinterest.com/' },
]

function shop(): string {
  return 'https://www.shop.example'
}

function clickId(start: string): string {
  return `${start}jwiMmwBhDmARIsABeQ7xRJWGVfm8Tw5EtQbxSiM8dXrCjhqs0D0YBNs`
}
