// Bearer tokens of the peers: JSON Web Tokens signed with HS256, the one algorithm that PostgREST
// and every Node.js framework take without an extra part.
import { createHmac, timingSafeEqual } from "node:crypto";

const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString("base64url");
// Enough for the tokens of all clinics of a run; a full cache starts anew.
const CACHE_MAX = 20_000;

const signatureOf = (text, secret) => createHmac("sha256", secret).update(text).digest();

/** The token that says `claims`. */
export function sign(claims, secret) {
  const text = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
  return `${text}.${signatureOf(text, secret).toString("base64url")}`;
}

/** Verifies tokens. A signature is checked once for each token, its expiry each time. */
export class TokenVerifier {
  #cache = new Map();

  constructor(secret, { cached = true } = {}) {
    this.secret = secret;
    this.cached = cached;
  }

  /** The claims of the token; null if it is not ours or has expired. */
  verify(token) {
    let claims = this.#cache.get(token);
    if (!claims) {
      claims = this.#open(token);
      if (!claims) return null;
      if (this.cached) {
        if (this.#cache.size >= CACHE_MAX) this.#cache.clear();
        this.#cache.set(token, claims);
      }
    }
    return claims.exp * 1000 > Date.now() ? claims : null;
  }

  #open(token) {
    const [header, payload, signature, more] = token.split(".");
    if (header !== HEADER || signature === undefined || more !== undefined) return null;
    const wanted = signatureOf(`${header}.${payload}`, this.secret);
    const given = Buffer.from(signature, "base64url");
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
    return JSON.parse(Buffer.from(payload, "base64url").toString());
  }
}

/** What a receptionist of the clinic is told by. The claims suit PostgREST and the gRPC peers. */
export function claimsOf(clinic, user, session) {
  return {
    role: "bench_web",
    clinic_id: clinic.id,
    zone: clinic.zone,
    sub: user,
    sid: session,
    roles: "receptionist",
    exp: Math.floor(Date.now() / 1000) + 24 * 3600,
  };
}
