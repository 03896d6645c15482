/** A message of ours, which begins in lower case to be put into others, as a sentence that stands for itself. */
export function fullSentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
