// Which addresses a callback may go to (D11). A caller chooses the URL, but it is we who connect: what is not public is
// refused – the machine itself, its neighbours, its cloud's metadata – unless the deployment's allow-list opens it. Pure.
import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.parse>;

/** What a deployment opens beside public addresses: hosts by their names, wherever these lead, and address ranges. */
export type AllowList = { hosts: ReadonlySet<string>; ranges: readonly [Address, number][] };

/** Whether this is an address, a range such as `10.1.0.0/16`, or a host's name. */
export const isAllowListEntry = (text: string): boolean =>
  ipaddr.isValidCIDR(text) || isAddress(text) || hostOf(text) === text.toLowerCase();

/** @throws Error for what is none of these. */
export const allowListOf = (entries: readonly string[]): AllowList => {
  const wrong = entries.find((entry) => !isAllowListEntry(entry));
  if (wrong !== undefined) throw new Error(`Neither an address, nor a range, nor a host: ${wrong}`);
  const isRange = (entry: string) => ipaddr.isValidCIDR(entry) || isAddress(entry);
  return {
    hosts: new Set(entries.filter((entry) => !isRange(entry)).map((entry) => entry.toLowerCase())),
    ranges: entries.filter(isRange).map(rangeOf),
  };
};

const rangeOf = (entry: string): [Address, number] => {
  if (ipaddr.isValidCIDR(entry)) return ipaddr.parseCIDR(entry);
  const address = ipaddr.parse(entry);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
};

/** In its usual form; `ipaddr.js` alone would also take `127.1` and `0x7f000001`. */
const isAddress = (text: string): boolean => ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);

const hostOf = (text: string): string | undefined =>
  /^[a-z0-9.-]+$/i.test(text) ? URL.parse(`http://${text}/`)?.hostname : undefined;

/** Names that mean the machine itself or its own network, wherever they are asked for (RFC 6761, 6762, 8375, ICANN). */
const ownNames = ['localhost', 'localdomain', 'local', 'internal', 'home.arpa'];

/**
 * Why a URL cannot be called, as far as it shows itself; undefined when that is for the address to say which its host
 * turns out to have (see `mayConnect`).
 */
export const refusalOf = (url: URL, allowed: AllowList): string | undefined => {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'an http or https URL';
  if (url.username !== '' || url.password !== '') return 'a URL without user or password';
  if (url.port === '0') return 'a port other than 0';
  // An IPv6 address stands in brackets; a name may end with a dot.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.+$/, '');
  if (allowed.hosts.has(host)) return undefined;
  if (isAddress(host)) return mayConnect(host, { host, allowed }) ? undefined : PUBLIC;
  const isOwn = ownNames.some((name) => host === name || host.endsWith(`.${name}`));
  return isOwn || host === '' ? PUBLIC : undefined;
};

const PUBLIC = 'the URL of a public address';

/** Whether a connection to this address may be made, for a URL with this host. */
export const mayConnect = (text: string, { host, allowed }: { host: string; allowed: AllowList }): boolean => {
  if (!isAddress(text)) return false;
  if (allowed.hosts.has(host.replace(/\.+$/, ''))) return true;
  const address = ipaddr.parse(text);
  return isPublic(address) || allowed.ranges.some((range) => isIn(address, range));
};

const isIn = (address: Address, [network, bits]: [Address, number]): boolean =>
  address.kind() === network.kind() && address.match(network, bits);

/** Of IPv6 only what is in use; an IPv4 address inside of one (mapped, NAT64, 6to4, Teredo) is none, whatever it is. */
const isPublic = (address: Address): boolean =>
  address.range() === 'unicast' && (address.kind() === 'ipv4' || isIn(address, GLOBAL));

const GLOBAL = ipaddr.parseCIDR('2000::/3');
