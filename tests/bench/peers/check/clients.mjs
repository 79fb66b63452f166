// clinicd and its peers behind one face: each call gives {message}, or {code, reason} when refused.
import { readFileSync } from "node:fs";
import http from "node:http";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import { appointmentOf, patientOf } from "../node/messages.mjs";
import { kindsOf } from "../node/server.mjs";
import { addDays, dateText, instantOf } from "../node/values.mjs";

const PATIENTS = "clinicd.patients.v1.PatientService";
const APPOINTMENTS = "clinicd.appointments.v1.AppointmentService";

/** The API with every field of an answer present, so that answers can be compared. */
export const loadComparable = (descriptors) => loader.loadFileDescriptorSetFromBuffer(
  readFileSync(descriptors), { keepCase: true, longs: Number, enums: String, defaults: true });

// The reason is the one text in the details that looks like a reason.
const reasonIn = (details) =>
  details?.toString("latin1").match(/[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+/)?.[0];

export class GrpcClient {
  constructor(api, target, token) {
    this.token = token;
    const stub = (name) =>
      new (grpc.makeGenericClientConstructor(api[name], name))(
        target, grpc.credentials.createInsecure());
    this.patients = stub(PATIENTS);
    this.appointments = stub(APPOINTMENTS);
  }

  #call(stub, method, request) {
    const metadata = new grpc.Metadata();
    if (this.token) metadata.set("authorization", `Bearer ${this.token}`);
    return new Promise((resolve) => {
      stub[method](request, metadata, { deadline: Date.now() + 20_000 }, (error, message) => {
        resolve(error ? {
          code: grpc.status[error.code],
          reason: reasonIn(error.metadata?.get("grpc-status-details-bin")[0]),
        } : { message });
      });
    });
  }

  getPatient(id) {
    return this.#call(this.patients, "GetPatient", { id });
  }

  listDay(practitioner, date) {
    return this.#call(this.appointments, "ListAppointments",
      { practitioner_id: practitioner, date });
  }

  search(query) {
    return this.#call(this.patients, "SearchPatients", { query });
  }

  book(form, request) {
    return this.#call(this.appointments, "CreateAppointment",
      { appointment: form, request_id: request });
  }

  checkIn(id, request) {
    return this.#call(this.appointments, "CheckInAppointment", { id, request_id: request });
  }

  close() {
    this.patients.close();
    this.appointments.close();
  }
}

const CODES = { 401: "UNAUTHENTICATED", 404: "NOT_FOUND", 409: "FAILED_PRECONDITION" };

/** PostgREST, whose rows are made into messages here, as its clients would. */
export class HttpClient {
  constructor(api, target, token, { zone, paths, traced }) {
    this.token = token;
    this.zone = zone;
    this.paths = paths;
    this.traced = traced;
    this.kinds = kindsOf(api);
    this.target = new URL(target);
    const complete = ({ responseSerialize, responseDeserialize }) =>
      (message) => responseDeserialize(responseSerialize(message));
    this.asPatient = complete(api[PATIENTS].GetPatient);
    this.asAppointment = complete(api[APPOINTMENTS].CheckInAppointment);
  }

  async #call(name, values) {
    const { method, path, body } = this.paths[name];
    const fill = (text) => text.replace(/\{(\w+)\}/g, (_, key) => encodeURIComponent(values[key]));
    const content = body && JSON.stringify(Object.fromEntries(
      Object.entries(body).map(([key, text]) => [key, values[text.slice(1, -1)]])));
    const headers = { "content-type": "application/json" };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    const { status, text } = await new Promise((resolve, reject) => {
      const url = new URL(fill(path), this.target);
      const request = http.request(url, { method, headers }, (answer) => {
        let received = "";
        answer.setEncoding("utf8");
        answer.on("data", (part) => { received += part; });
        answer.on("end", () => resolve({ status: answer.statusCode, text: received }));
      });
      request.on("error", reject);
      request.end(content);
    });
    const answer = JSON.parse(text);
    if (status === 200) return { rows: answer };
    return { code: CODES[status] ?? `HTTP ${status}`, reason: answer.code };
  }

  async getPatient(id) {
    const { rows, ...refused } = await this.#call(this.traced ? "W7" : "W1", { patient: id });
    if (!rows) return refused;
    return rows.length > 0 ? { message: this.asPatient(patientOf(rows[0])) }
      : { code: "NOT_FOUND", reason: "PATIENT_NOT_FOUND" };
  }

  async listDay(practitioner, date) {
    const day = dateText(date);
    const instant = (text) => new Date(instantOf(`${text}T00:00`, this.zone)).toISOString();
    const { rows, ...refused } = await this.#call(this.traced ? "W2_traced" : "W2",
      { practitioner, begin: instant(day), end: instant(addDays(day, 1)) });
    if (!rows) return refused;
    const visits = rows.map((row) => this.asAppointment(appointmentOf(row, this.kinds)));
    return { message: { appointments: visits, next_page_token: "" } };
  }

  async search(query) {
    const { rows, ...refused } = await this.#call(this.traced ? "W3_traced" : "W3", { query });
    if (!rows) return refused;
    const found = rows.map((row) => this.asPatient(patientOf(row)));
    return { message: { patients: found, next_page_token: "" } };
  }

  async #appointment(name, values) {
    const { rows, ...refused } = await this.#call(name, values);
    return rows ? { message: this.asAppointment(appointmentOf(rows, this.kinds)) } : refused;
  }

  book(form, request) {
    return this.#appointment("W4", {
      patient: form.patient_id, practitioner: form.practitioner_id, local_start: form.local_start,
      duration_minutes: form.duration_minutes, request_id: request,
    });
  }

  checkIn(id, request) {
    return this.#appointment("W6", { appointment: id, request_id: request });
  }

  close() {}
}
