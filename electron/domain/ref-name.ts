/** What no reference may hold, and white space and control characters beyond ASCII, which a person does not see in a name. */
const forbidden = /[\s\p{Cc}~^:?*[\\]|\.\.|@\{/u;

/** True for what can be a branch, by git-check-ref-format(1); for the name alone, without `refs/heads/`. */
export function isRefName(name: string): boolean {
  // git takes these two for the commit that is checked out.
  return name !== 'HEAD' && name !== '@' && isOperand(name) && isReference(`refs/heads/${name}`);
}

/** True for what can be the name of a remote: git keeps the branches of one below `refs/remotes/NAME`. An address is none. */
export function isRemoteName(name: string): boolean {
  return isOperand(name) && isReference(`refs/remotes/${name}/branch`);
}

/** A name that begins like an option would be one on a command line. */
function isOperand(name: string): boolean {
  return !name.startsWith('-');
}

function isReference(path: string): boolean {
  const isComplete = path.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
  return isComplete && !path.endsWith('.') && !forbidden.test(path) && path.isWellFormed();
}
