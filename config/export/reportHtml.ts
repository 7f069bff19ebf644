import { type Fact, type Part, type ReportInput, reportDocument, type Section, type Step } from './report.ts'
import { style } from './reportStyle.ts'
import { visibleText } from './reportWords.ts'

/** The report as one HTML page: nothing is loaded, nothing runs, and no text of a stranger becomes a link or a tag. */
export function htmlReport(input: ReportInput): string {
  const { title, about, sections } = reportDocument(input)
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="robots" content="noindex">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    `<header><h1>${escaped(title)}</h1>${facts(about)}</header>`,
    `<main>`,
    ...sections.map(section),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

function escaped(text: string): string {
  return visibleText(text).replace(/[&<>"'`]/g, found => entities[found] ?? '')
}

/** Set apart, so that text written from right to left turns nothing around it. */
const value = (text: string) => `<bdi>${escaped(text)}</bdi>`

function section({ title, parts }: Section): string {
  return `<section><h2>${escaped(title)}</h2>${parts.map(part).join('\n')}</section>`
}

function part(one: Part): string {
  switch (one.type) {
    case 'text':
      return `<p>${escaped(one.text)}</p>`
    case 'list':
      return `<ul>${one.items.map(item => `<li>${value(item)}</li>`).join('')}</ul>`
    case 'facts':
      return facts(one.facts)
    case 'figures':
      return `<ul class="figures">${one.figures.map(figure).join('')}</ul>`
    case 'table':
      return table(one.head, one.rows)
    case 'steps':
      return `<ol>${one.steps.map(step).join('')}</ol>`
    case 'card':
      return `<article><h3>${escaped(one.title)}</h3>${one.parts.map(part).join('')}</article>`
  }
}

function facts(rows: readonly Fact[]): string {
  return `<dl>${rows.map(([label, text]) => `<div><dt>${value(label)}</dt><dd>${value(text)}</dd></div>`).join('')}</dl>`
}

function figure([count, label]: readonly [number, string]): string {
  return `<li><b>${count.toLocaleString('en')}</b> ${escaped(label)}</li>`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const heads = head.map(name => `<th scope="col">${escaped(name)}</th>`).join('')
  const cells = (row: readonly string[]) =>
    row.map((cell, column) => `<td data-head="${escaped(head[column] ?? '')}">${value(cell)}</td>`).join('')
  const lines = rows.map(row => `<tr>${cells(row)}</tr>`).join('')
  return `<table><thead><tr>${heads}</tr></thead><tbody>${lines}</tbody></table>`
}

function step({ at, what, facts: rows }: Step): string {
  return `<li><time>${escaped(at)}</time><b>${escaped(what)}</b>${facts(rows)}</li>`
}
