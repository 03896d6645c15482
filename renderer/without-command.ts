/** A sentence of the engine without the command that it names in brackets: where there is a button for it, that is what to press. Pure. */
export function withoutCommand(text: string): string {
  return text.replaceAll(/ \((?:[^()]*: )?nightjar [^()]*\)/g, '');
}
