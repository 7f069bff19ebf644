/** `1 record`, `2 records`: what a command or a document says of how many there are. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
