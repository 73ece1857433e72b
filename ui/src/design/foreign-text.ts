/**
 * Text that came with telemetry, made fit to be shown: characters that are invisible, or that turn the direction of what follows, become
 * visible, and what nobody can read at once is cut.
 */
export function readable(text: string, lengthMax = 2_000): string {
  const cut = text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;
  return cut.replace(hidden, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20
      ? String.fromCharCode(0x2400 + code)
      : code === 0x7f
        ? '␡'
        : `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}

// Controls (line feed and tab stay: the style decides about them), zero-width characters, and directional overrides and isolates.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** An address that may be opened: the web's, never script or data. */
export function safeLink(url: string | undefined): string | undefined {
  return url && /^https?:\/\/[^\s]+$/i.test(url) ? url : undefined;
}
