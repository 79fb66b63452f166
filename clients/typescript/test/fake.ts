// A server in memory that a test tells what to do.
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createRouterTransport, type Transport } from "@connectrpc/connect";

import {
  AppointmentService,
  type WatchDayEvent,
  type WatchDayRequest,
} from "../src/gen/clinicd/appointments/v1/appointment_service_pb.js";
import { SessionService } from "../src/gen/clinicd/identity/v1/session_service_pb.js";
import { PatientSchema, PatientService } from "../src/gen/clinicd/patients/v1/patient_service_pb.js";
import { ErrorInfoSchema, RetryInfoSchema } from "../src/gen/google/rpc/error_details_pb.js";
import { Session, type SessionOptions } from "../src/index.js";

export const minute = 60_000;

export function failure(code: Code, reason: string, retrySeconds = 0): ConnectError {
  const error = new ConnectError("", code);
  error.details.push({ desc: ErrorInfoSchema, value: { reason, domain: "clinicd", metadata: { id: "7" } } });
  if (retrySeconds > 0) {
    error.details.push({
      desc: RetryInfoSchema,
      value: { retryDelay: { seconds: BigInt(retrySeconds), nanos: 0 } },
    });
  }
  return error;
}

type Stream = (request: WatchDayRequest, signal: AbortSignal) => AsyncIterable<WatchDayEvent>;

export class FakeServer {
  /** The next unary calls but Refresh fail with these. */
  readonly failures: ConnectError[] = [];
  readonly requestIds: string[] = [];
  readonly authorizations: string[] = [];
  readonly pageTokens: string[] = [];
  readonly resumeTokens: string[] = [];
  /** What the next streams do. */
  readonly streams: Stream[] = [];
  refreshes = 0;
  nowMs = 1_700_000_000_000;
  readonly waits: number[] = [];
  readonly transport: Transport = createRouterTransport((router) => {
    router.service(SessionService, {
      signIn: () => this.answer({ tokens: this.tokens("first", "refresh-0") }),
      refresh: ({ refreshToken }) => {
        if (refreshToken !== `refresh-${this.refreshes}`) {
          throw failure(Code.Unauthenticated, "REFRESH_TOKEN_INVALID");
        }
        this.refreshes++;
        return { tokens: this.tokens(`access-${this.refreshes}`, `refresh-${this.refreshes}`) };
      },
    });
    router.service(PatientService, {
      createPatient: ({ requestId }, { requestHeader }) => {
        this.requestIds.push(requestId);
        this.authorizations.push(requestHeader.get("authorization") ?? "");
        return this.answer(create(PatientSchema, { id: "made" }));
      },
      listPatients: ({ pageToken }) => {
        this.pageTokens.push(pageToken);
        const from = Number(pageToken);
        const ids = [0, 1, 2, 3, 4, 5, 6].slice(from, from + 3);
        return this.answer({
          patients: ids.map((id) => ({ id: String(id) })),
          nextPageToken: from + 3 < 7 ? String(from + 3) : "",
        });
      },
    });
    router.service(AppointmentService, {
      watchDay: (request, { signal }) => {
        this.resumeTokens.push(request.resumeToken);
        const stream = this.streams.shift();
        if (!stream) throw failure(Code.PermissionDenied, "PERMISSION_MISSING");
        return stream(request, signal);
      },
    });
  });

  readonly options: SessionOptions = {
    retry: { attemptsMax: 3, backoffMs: 1000, backoffMaxMs: 4000 },
    now: () => this.nowMs,
    sleep: async (ms) => {
      this.waits.push(ms);
    },
  };

  signIn(): Promise<Session> {
    const credentials = { clinicSlug: "a", email: "b", password: "c" };
    return Session.signIn(this.transport, credentials, this.options);
  }

  private tokens(accessToken: string, refreshToken: string) {
    return { accessToken, refreshToken, accessExpireTime: timestampFromMs(this.nowMs + 10 * minute) };
  }

  private answer<T>(value: T): T {
    const error = this.failures.shift();
    if (error) throw error;
    return value;
  }
}
