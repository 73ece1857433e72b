/** What lets style elements in past the Content-Security-Policy; the server writes a new one into each page. */
export const nonce = () => document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
