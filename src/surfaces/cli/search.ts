/** Whether every word occurs somewhere in the texts, whatever its case. No words: everything does. */
export function hasWords(texts: readonly string[], words: readonly string[]): boolean {
  const all = texts.map((text) => text.toLowerCase())
  return words.every((word) => all.some((text) => text.includes(word.toLowerCase())))
}
