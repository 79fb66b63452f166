// Where the last checkpoint of each clinic is kept.

/** Keeps a text for each clinic. What it loses is trusted anew. */
export interface CheckpointStore {
  /** What save() was given last for the clinic. */
  load(clinicId: string): Promise<string | undefined> | string | undefined;
  /** Throws if it cannot be kept. */
  save(clinicId: string, checkpoint: string): Promise<void> | void;
}

/** For programs that end with their session, and for tests. */
export class MemoryCheckpointStore implements CheckpointStore {
  private readonly kept = new Map<string, string>();

  load(clinicId: string): string | undefined {
    return this.kept.get(clinicId);
  }
  save(clinicId: string, checkpoint: string): void {
    this.kept.set(clinicId, checkpoint);
  }
}

/** In a browser: outlives page and session, one for all tabs. */
export class LocalStorageCheckpointStore implements CheckpointStore {
  constructor(private readonly prefix = "clinicd-audit-checkpoint/") {}

  load(clinicId: string): string | undefined {
    return globalThis.localStorage.getItem(this.prefix + clinicId) ?? undefined;
  }
  save(clinicId: string, checkpoint: string): void {
    globalThis.localStorage.setItem(this.prefix + clinicId, checkpoint);
  }
}

/** localStorage where there is one, else memory. */
export function defaultCheckpointStore(): CheckpointStore {
  try {
    if (globalThis.localStorage) return new LocalStorageCheckpointStore();
  } catch {
    // Pages that may not store anything are told by an exception.
  }
  return new MemoryCheckpointStore();
}
