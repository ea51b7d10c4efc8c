/** A request that LEIA turns down: answered as problem+json with this status and detail (contract §1.5). */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.name = 'Refusal';
    this.status = status;
  }
}

export const badRequest = (detail: string): Refusal => new Refusal(400, detail);
export const notLoggedIn = (detail = 'Not logged in'): Refusal => new Refusal(401, detail);
export const notOwner = (what: string): Refusal => new Refusal(403, `Not the owner of the ${what}`);
export const notFound = (detail: string): Refusal => new Refusal(404, detail);
