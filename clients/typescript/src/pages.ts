// Lists that come page by page, as one.

interface Page {
  readonly nextPageToken: string;
}

/**
 * The pages of a list, fetched as they are asked for: pages(patients.listPatients, {}). The filters
 * of the request must not change on the way.
 */
export async function* pages<Request extends { pageToken?: string }, Response extends Page>(
  list: (request: Request) => Promise<Response>,
  request: Request,
): AsyncGenerator<Response, void, undefined> {
  let pageToken = request.pageToken ?? "";
  do {
    const page = await list({ ...request, pageToken });
    yield page;
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
}

/** The rows of all pages of a list, in order: rows(patients.listPatients, {}, (p) => p.patients). */
export async function* rows<Request extends { pageToken?: string }, Response extends Page, Row>(
  list: (request: Request) => Promise<Response>,
  request: Request,
  rowsOf: (page: Response) => readonly Row[],
): AsyncGenerator<Row, void, undefined> {
  for await (const page of pages(list, request)) yield* rowsOf(page);
}
