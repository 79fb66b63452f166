// Client of a clinicd server:
//
//   const session = await Session.signIn(createNodeTransport({ url }), { clinicSlug, email, password });
//   const patients = createClient(PatientService, session.transport);
//   for await (const patient of rows(patients.listPatients, {}, (page) => page.patients)) ...
//
// Transports are in "@clinicd/sdk/node" and "@clinicd/sdk/web", messages and services in
// "@clinicd/sdk/api/clinicd/<area>/v1/...".
export { ClinicdError, type FieldViolation } from "./errors.js";
export { pages, rows } from "./pages.js";
export { type RetryPolicy, defaultRetryPolicy, newRequestId } from "./retry.js";
export { type Credentials, Session, type SessionOptions, type Tokens } from "./session.js";
export { watch, type WatchOptions } from "./watch.js";
