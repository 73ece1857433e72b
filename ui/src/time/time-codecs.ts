import { flag, text } from '../url/url-state';

export const timeCodecs = { since: text('1h'), until: text(), live: flag };
