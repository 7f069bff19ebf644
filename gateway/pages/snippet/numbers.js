// @ts-check
// How a number is recognised however people write it, and written in the style that the page chose.

const gap = '[\\s().\\/\\u00b7\\u2010-\\u2015\\u2212\\u200b-\\u200f\\u2060-]'
const spelled = digits => digits.split('').join(`${gap}{0,3}`)
/** Country code and national number of an E.164 number. */
const parts = e164 => {
  const code = /^\+([17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/.exec(e164)
  return code ? [code[1], e164.slice(code[0].length)] : ['', e164]
}

/** How to recognise `from` however people write it, and what to write instead. */
export const rule = (from, to) => {
  const [code, national] = parts(from)
  const trunk = { 7: '8', 36: '06' }[code] || '0'
  const abroad = `(?:(?:\\+|00|011)[\\s(]{0,2})?${spelled(code)}${gap}{0,3}(?:\\(0\\)${gap}{0,3})?`
  const spelling = `(${abroad}|${trunk}${gap}{0,3}|)(${spelled(national)})`
  return { code, to, find: new RegExp(spelling, 'g'), whole: new RegExp(`^\\s*\\(?${spelling}\\s*$`) }
}

/** The new number in the style of the old one. */
const styled = ({ code, to }, prefix, old) => {
  const [toCode, national] = parts(to.e164)
  const display = to.display || to.e164
  if (toCode !== code) return prefix.slice(0, 2) === '00' ? display.replace('+', '00') : display
  if (old.replace(/\D/g, '').length !== national.length)
    return prefix + display.replace(new RegExp(`^\\+${code}\\s*`), '')
  let next = 0
  return prefix + old.replace(/\d/g, () => national[next++])
}

const foreign = new RegExp(`(?:\\+|\\b00)\\s?\\d{1,3}${gap}{0,3}$`)
const goesBefore = new RegExp(`[\\w#=@&%$€£]$|\\d(?:${gap}|,)$`)
const goesOn = new RegExp(`^(?:[\\w@%$€£]|(?:${gap}|,)\\d)`)
/** A part of a longer number, of a foreign one, or of a word is not the number. `edges`: where text nodes begin. */
const stands = (text, at, end, edges) => {
  const start = Math.max(...edges.filter(edge => edge <= at))
  const stop = Math.min(text.length, ...edges.filter(edge => edge >= end))
  if (/\d/.test(text.charAt(at - 1) + text.charAt(end)) || foreign.test(text.slice(0, at))) return false
  return !goesBefore.test(text.slice(start, at)) && !goesOn.test(text.slice(end, stop))
}

/** What to write where in a text. Across text nodes only digit for digit. */
export const editsOf = (rules, text, edges) => {
  const edits = []
  for (const one of rules) {
    text.replace(one.find, (all, prefix, national, at) => {
      const end = at + all.length
      const written = styled(one, prefix, national)
      const split = edges.some(edge => edge > at && edge < end) && written.length !== all.length
      const taken = edits.some(edit => edit.at < end && at < edit.end)
      if (!split && !taken && stands(text, at, end, edges)) edits.push({ at, end, written })
      return all
    })
  }
  return edits.sort((a, b) => a.at - b.at)
}

/** The part of an edited text that belongs to the node from `start` to `stop`. */
export const cut = (text, edits, start, stop) => {
  let out = ''
  let done = start
  for (const { at, end, written } of edits) {
    if (end <= start || at >= stop) continue
    out += text.slice(done, Math.max(done, at))
    out += written.slice(Math.max(0, start - at), end > stop ? stop - at : undefined)
    done = Math.min(end, stop)
  }
  return out + text.slice(done, stop)
}
