/** In which parameter of its address a search engine has what was typed, by source. Where none is named it is `q`. */
const byParameter: Readonly<Record<string, string>> = {
  q: 'aol excite orange.fr tiscali infospace google yahoo zapmeta websearch eniro you.com duckai',
  query:
    'naver hotbot ixquick startpage lycos mamma qip talktalk terra tut.by yasni rambler sogou aol freenet yippy zapmeta apoll07 arianna blogpulse compuserve jungle-key maxwebsearch neti rpmfind trouvez.com www.ee marktplaats krak degulesider gulesider opplysningen-1881 1881 hitta proff',
  p: 'yahoo freecause british-telecommunications',
  text: 'yandex',
  wd: 'baidu',
  word: 'baidu',
  what: '118',
  w: 'sogou trusted-search zhongsou',
  kw: 'orange.fr dasoertliche dastelefonbuch voila',
  su: 'gmx web.de',
  s: 'nigma infospace',
  k: 'amazon findwide yam',
  'field-keywords': 'amazon',
  _nkw: 'ebay',
  search_query: 'youtube',
  qt: 'onet rakuten',
  qs: 'virgilio',
  words: 'meinestadt rambler',
  searchterm: 'bluewin',
  search_word: 'eniro krak degulesider gulesider',
  key: 'looksmart walhello tiscali',
  keyword: 'everyclick flix sharelook gnadenmeer',
  keywords: 'arcor gomeo mister-wong freenet yell',
  search: 'excite volny witch',
  search_for: 'ilse vindex',
  searchfor: 'mysearch ask-toolbar needtofind',
  eingabe: 'metager',
  szukaj: 'wirtualna-polska',
  rdata: 'voila',
  mt: 'goo',
  quoiqui: 'pagesjaunes',
}

const fallback: readonly string[] = ['q']

const bySource = new Map<string, readonly string[]>()
for (const [parameter, sources] of Object.entries(byParameter)) {
  for (const source of sources.split(' ')) bySource.set(source, [...(bySource.get(source) ?? []), parameter])
}

/** In which parameters a place has what was typed there, the likeliest first. */
export function phraseParameters(source: string): readonly string[] {
  return bySource.get(source) ?? fallback
}

/** Every name that is looked for. */
export const phraseNames: ReadonlySet<string> = new Set(Object.keys(byParameter))

/** Whether what is typed at the place is known to be in its address, although it is no search engine. */
export const isSearchedAt = (source: string) => bySource.has(source)
