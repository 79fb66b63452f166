// A server's audit log in memory, whose history can be told in several ways.
import { generateKeyPairSync, type KeyObject, createHash, sign } from "node:crypto";

import { create } from "@bufbuild/protobuf";
import { Code, createRouterTransport, type Transport } from "@connectrpc/connect";

import { hashLeaf } from "../src/audit/merkle.js";
import {
  AuditLogService,
  type Checkpoint,
  CheckpointSchema,
  type ConsistencyProof,
  ConsistencyProofSchema,
  type InclusionProof,
  InclusionProofSchema,
  type Receipt,
  ReceiptSchema,
} from "../src/gen/clinicd/audit/v1/audit_log_service_pb.js";
import { SessionService } from "../src/gen/clinicd/identity/v1/session_service_pb.js";
import { Session, type SessionOptions } from "../src/index.js";
import { failure, minute } from "./fake.js";
import { consistencyOf, pathOf, rootOf } from "./tree.js";

export const clinicId = "0192d5a0-0000-7000-8000-000000000001";
const eventId = (index: number) => `0192d5a0-0000-7000-8000-1${String(index).padStart(11, "0")}`;

/** A key that signs as `name`. */
export class LogKey {
  readonly text: string;
  private readonly privateKey: KeyObject;
  private readonly id: Buffer;

  constructor(readonly name = "clinic.example/audit") {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    this.privateKey = privateKey;
    const key = Buffer.concat([Buffer.of(1), publicKey.export({ format: "der", type: "spki" }).subarray(-32)]);
    this.id = createHash("sha256").update(`${name}\n`).update(key).digest().subarray(0, 4);
    this.text = `${name}+${this.id.toString("hex")}+${key.toString("base64")}`;
  }

  line(text: string): string {
    const signature = sign(null, Buffer.from(text), this.privateKey);
    return `\u2014 ${this.name} ${Buffer.concat([this.id, signature]).toString("base64")}\n`;
  }
}

/** What a clinic's head is hashed from. */
function head(size: number, root: Uint8Array): Uint8Array {
  const id = Buffer.from(clinicId.replaceAll("-", ""), "hex");
  const number = size < 24 ? [size] : size < 256 ? [0x18, size] : [0x19, size >> 8, size & 0xff];
  const start = Buffer.from("\x85\x73clinicd-clinic-head\x01\x50", "latin1");
  return Buffer.concat([start, id, Buffer.from(number), Buffer.of(0x58, 0x20), root]);
}

interface Sealed {
  readonly size: number;
  readonly metaIndex: number;
  readonly metaSize: number;
}

export class FakeLog {
  origin = "clinic.example/audit";
  private leaves: Uint8Array[] = [];
  private meta: Uint8Array[] = [];
  private sealed: Sealed | undefined;

  constructor(public key = new LogKey()) {}

  /** Adds events, which `story` tells apart, and seals them. */
  async grow(events: number, story = "so it was"): Promise<this> {
    for (let i = 0; i < events; i++) this.leaves.push(await hashLeaf(this.leaf(this.leaves.length, story)));
    const size = this.leaves.length;
    // Other clinics are sealed as well.
    this.meta.push(await hashLeaf(Buffer.from(`${story} ${this.meta.length}`)));
    this.meta.push(await hashLeaf(head(size, await rootOf(this.leaves))));
    this.meta.push(await hashLeaf(Buffer.from(`${story} ${this.meta.length}`)));
    this.sealed = { size, metaIndex: this.meta.length - 2, metaSize: this.meta.length };
    return this;
  }

  /** As a database that was copied is. */
  copy(): FakeLog {
    const copy = new FakeLog(this.key);
    copy.leaves = [...this.leaves];
    copy.meta = [...this.meta];
    copy.sealed = this.sealed;
    return copy;
  }

  private leaf(index: number, story = "so it was"): Uint8Array {
    return new TextEncoder().encode(`${story} ${index}`);
  }

  async checkpoint(): Promise<Checkpoint> {
    if (!this.sealed) throw failure(Code.NotFound, "AUDIT_LOG_EMPTY");
    const { size, metaIndex, metaSize } = this.sealed;
    const meta = this.meta.slice(0, metaSize);
    const root = Buffer.from(await rootOf(meta)).toString("base64");
    const text = `${this.origin}\n${metaSize}\n${root}\n`;
    return create(CheckpointSchema, {
      clinicId,
      treeSize: BigInt(size),
      rootHash: await rootOf(this.leaves.slice(0, size)),
      metaIndex: BigInt(metaIndex),
      metaProof: await pathOf(metaIndex, meta),
      note: `${text}\n${this.key.line(text)}`,
    });
  }

  async consistency(treeSize: number, metaSize: number): Promise<ConsistencyProof> {
    const checkpoint = await this.checkpoint();
    if (treeSize > this.leaves.length || metaSize > this.meta.length) {
      throw failure(Code.FailedPrecondition, "AUDIT_LOG_SHORTER");
    }
    return create(ConsistencyProofSchema, {
      proof: await consistencyOf(treeSize, this.leaves),
      metaProof: await consistencyOf(metaSize, this.meta),
      checkpoint,
    });
  }

  async inclusion(event: string): Promise<InclusionProof> {
    const index = this.leaves.findIndex((_, i) => eventId(i) === event);
    if (index < 0) throw failure(Code.NotFound, "AUDIT_EVENT_NOT_FOUND");
    return create(InclusionProofSchema, {
      leafHash: this.leaves[index]!,
      leafIndex: BigInt(index),
      proof: await pathOf(index, this.leaves),
      checkpoint: await this.checkpoint(),
    });
  }

  /** The receipt of an event that is or will be there. */
  async receipt(index: number, story = "so it was"): Promise<Receipt> {
    const leafHash = await hashLeaf(this.leaf(index, story));
    return create(ReceiptSchema, { clinicId, eventId: eventId(index), leafHash });
  }
}

/** Answers from `log`, but for what a test has it say instead. */
export class FakeAuditServer {
  calls = 0;
  /** What becomes of the answers. */
  bendCheckpoint = (checkpoint: Checkpoint): Checkpoint => checkpoint;
  bendProof = (proof: ConsistencyProof): ConsistencyProof => proof;
  bendInclusion = (proof: InclusionProof): InclusionProof => proof;
  readonly transport: Transport;

  constructor(public log: FakeLog) {
    this.transport = createRouterTransport((router) => {
      router.service(SessionService, {
        signIn: () => ({ tokens: { accessToken: "a", refreshToken: "r" } }),
        whoAmI: () => ({ clinic: { id: clinicId } }),
      });
      router.service(AuditLogService, {
        getCheckpoint: async () => {
          this.calls++;
          return this.bendCheckpoint(await this.log.checkpoint());
        },
        getConsistencyProof: async ({ treeSize, metaSize }) => {
          this.calls++;
          return this.bendProof(await this.log.consistency(Number(treeSize), Number(metaSize)));
        },
        getInclusionProof: async (request) => this.bendInclusion(await this.log.inclusion(request.eventId)),
      });
    });
  }

  session(options: SessionOptions = {}): Session {
    const tokens = { accessToken: "a", accessExpireMs: Date.now() + 60 * minute, refreshToken: "r" };
    return new Session(this.transport, tokens, { retry: { attemptsMax: 1 }, ...options });
  }
}
