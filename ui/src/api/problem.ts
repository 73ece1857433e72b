/** Where a query is wrong, as the server's 400 says it. */
export type QueryMistake = {
  position: number;
  length: number;
  line: number;
  column: number;
  caret: string;
  suggestion?: string | null;
};

/** What the server answers when it cannot do what was asked: the parameter, and the fix. */
export class Problem extends Error {
  readonly status: number;
  readonly parameter: string | undefined;
  readonly query: QueryMistake | undefined;

  constructor(status: number, message: string, parameter?: string, query?: QueryMistake) {
    super(message);
    this.name = 'Problem';
    this.status = status;
    this.parameter = parameter;
    this.query = query;
  }

  /** True when asking again may help: the server is busy, or away. */
  get passes(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 503;
  }

  /** The server does not have this endpoint: it is of another version. */
  get isMissingEndpoint(): boolean {
    return this.status === 404 && this.message.startsWith("There is no '");
  }
}

export async function problemOf(response: Response): Promise<Problem> {
  try {
    const body = (await response.json()) as { message?: string; parameter?: string | null; query?: QueryMistake };
    return new Problem(
      response.status,
      body.message ?? response.statusText,
      body.parameter ?? undefined,
      body.query ?? undefined,
    );
  } catch {
    return new Problem(response.status, `The server answered ${response.status} ${response.statusText}.`.trim());
  }
}

export const unreachable = () =>
  new Problem(0, 'The server does not answer. Is it still running? This page asks again by itself as soon as you refresh.');
