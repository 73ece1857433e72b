/** Colours of tokens.css as they are now: a canvas knows no variables. */
export function colour(name: string): string {
  const variable = /^var\((--[\w-]+)\)$/.exec(name)?.[1];
  return variable ? getComputedStyle(document.documentElement).getPropertyValue(variable).trim() : name;
}
