/**
 * Parameters that platforms put on the landing page's address, in lower case. The first of this list that is present
 * wins. A platform that marks nothing but advertisements has a paid medium; one that marks every link has not, and what
 * was paid there says so in its UTM medium. `also`: other sources of which the same platform marks links, told apart by
 * the referrer.
 */
export type ClickId = {
  readonly parameter: string
  readonly source: string
  readonly medium: string
  readonly also?: readonly string[]
}

/** `cpc`: marked are advertisements, and nothing else. */
const paid = (parameter: string, source: string, also: readonly string[] = []): ClickId => ({
  ...{ parameter, source, medium: 'cpc' },
  ...(also.length > 0 && { also }),
})
const of = (medium: string, parameter: string, source: string, also: readonly string[] = []): ClickId => ({
  ...{ parameter, source, medium },
  ...(also.length > 0 && { also }),
})

export const clickIds: readonly ClickId[] = [
  // Google Ads, auto-tagging: https://support.google.com/google-ads/answer/9744275
  paid('gclid', 'google'),
  // The same where a person may not be followed (iOS): https://support.google.com/google-ads/answer/10417364
  paid('gbraid', 'google'),
  paid('wbraid', 'google'),
  // Campaign Manager 360 and Display & Video 360: https://support.google.com/campaignmanager/answer/9182069. Google
  // Analytics calls such visits dfa / cpm, which is the channel Display; google / cpc would be Paid Search.
  of('cpm', 'dclid', 'dfa'),
  // Microsoft Advertising: https://help.ads.microsoft.com/apex/index/3/en/60000
  paid('msclkid', 'bing'),
  // TikTok Ads: https://ads.tiktok.com/help/article/tiktok-click-id
  paid('ttclid', 'tiktok'),
  // X Ads: https://business.x.com/en/help/campaign-measurement-and-analytics/conversion-tracking-for-websites
  paid('twclid', 'twitter'),
  // LinkedIn: https://learn.microsoft.com/en-us/linkedin/marketing/conversions/enabling-first-party-cookies
  paid('li_fat_id', 'linkedin'),
  // Reddit Ads: https://business.reddithelp.com/s/article/Conversions-API
  paid('rdt_cid', 'reddit'),
  // Snapchat Ads, written ScCid: https://developers.snap.com/api/marketing-api/Conversions-API
  paid('sccid', 'snapchat'),
  // Quora Ads: https://quoraadsupport.zendesk.com/hc/en-us
  paid('qclid', 'quora'),
  // Yandex Direct: https://yandex.com/support/metrica/general/source-tags.html; Yahoo! Japan uses the same name:
  // https://ads-help.yahoo-net.jp/s/
  paid('yclid', 'yandex', ['yahoo']),
  // Yandex Market and Yandex PromoPages: the same page
  paid('ymclid', 'yandex-market'),
  paid('yzclid', 'yandex'),
  // Seznam Sklik: https://napoveda.sklik.cz/
  paid('sznclid', 'seznam'),
  // Outbrain and Taboola, advertisements between the articles of a newspaper: https://www.outbrain.com/help/advertisers/,
  // https://developers.taboola.com/
  paid('dicbo', 'outbrain'),
  paid('obclid', 'outbrain'),
  paid('tblci', 'taboola'),
  // On every address of a Google advertisement, also where gclid was taken off: https://support.google.com/google-ads/answer/16193746
  paid('gad_source', 'google'),
  paid('gad_campaignid', 'google'),
  // Impact, Awin, CJ, Rakuten Advertising, Tradedoubler: networks of affiliates.
  // https://integrations.impact.com/impact-brand/docs, https://help.awin.com/developers/docs/click-appends-dyn-params,
  // https://developers.cj.com/, https://developers.rakutenadvertising.com/, https://dev.tradedoubler.com/
  of('affiliate', 'irclickid', 'impact'),
  of('affiliate', 'awc', 'awin'),
  of('affiliate', 'cjevent', 'cj'),
  of('affiliate', 'ransiteid', 'rakuten-advertising'),
  of('affiliate', 'tduid', 'tradedoubler'),
  // Pinterest marks pins too, not only advertisements: https://developers.pinterest.com/docs/api-features/conversion-overview/
  of('social', 'epik', 'pinterest'),
  // Meta marks every link that leads out of Facebook and Instagram:
  // https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/fbp-and-fbc
  of('social', 'fbclid', 'facebook', ['instagram', 'threads', 'whatsapp', 'meta-ai']),
  of('social', 'igshid', 'instagram'),
  of('social', 'igsh', 'instagram'),
  // Mailchimp: https://mailchimp.com/help/about-mailchimp-google-analytics-tracking/; HubSpot:
  // https://knowledge.hubspot.com/; Klaviyo: https://help.klaviyo.com/; Marketo: https://experienceleague.adobe.com/en/docs/marketo
  of('email', 'mc_cid', 'mailchimp'),
  of('email', '_hsmi', 'hubspot'),
  of('email', '_kx', 'klaviyo'),
  of('email', 'mkt_tok', 'marketo'),
  // Free listings of Google's Merchant Center: https://support.google.com/merchants/answer/15191080
  of('organic', 'srsltid', 'google'),
  // Yandex search, not paid: https://yandex.com/support/metrica/general/source-tags.html
  of('organic', 'ysclid', 'yandex'),
]
