// Client of a clinicd server:
//
//   const session = await Session.signIn(createNodeTransport({ url }), { clinicSlug, email, password });
//   const patients = createClient(PatientService, session.transport);
//   for await (const patient of rows(patients.listPatients, {}, (page) => page.patients)) ...
//
// Transports are in "@clinicd/sdk/node" and "@clinicd/sdk/web", messages and services in
// "@clinicd/sdk/api/clinicd/<area>/v1/...".
export { AuditAlarm, type AuditAlarmKind } from "./audit/alarm.js";
export { type OpenedCheckpoint } from "./audit/checkpoint.js";
export { AuditLog, type AuditLogOptions, type ReceiptReport } from "./audit/log.js";
export { type CheckpointStore, LocalStorageCheckpointStore, MemoryCheckpointStore } from "./audit/store.js";
export { ClinicdError, type FieldViolation } from "./errors.js";
export { pages, rows } from "./pages.js";
export { type RetryPolicy, defaultRetryPolicy, newRequestId } from "./retry.js";
export { type Credentials, Session, type SessionOptions, type Tokens } from "./session.js";
export { watch, type WatchOptions } from "./watch.js";
