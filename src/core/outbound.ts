import { BlockList, isIP, type LookupFunction } from 'node:net'
import { FirebreakError } from './errors.ts'

/**
 * Addresses that only this machine can reach, and that give its credentials to whoever asks: link-local ones, and the
 * metadata services of the clouds outside of them. Private networks and loopback are allowed: receivers live there.
 */
const refused = new BlockList()
refused.addSubnet('169.254.0.0', 16, 'ipv4') // RFC 3927; metadata of AWS, Azure, Google
refused.addAddress('100.100.100.200', 'ipv4') // Alibaba Cloud
refused.addAddress('192.0.0.192', 'ipv4') // Oracle Cloud
refused.addAddress('168.63.129.16', 'ipv4') // Azure WireServer
refused.addSubnet('0.0.0.0', 8, 'ipv4')
refused.addSubnet('fe80::', 10, 'ipv6') // RFC 4291
refused.addSubnet('fd00:ec2::', 32, 'ipv6') // AWS: metadata (::254) and the credentials of EKS pods (::23) among them
refused.addAddress('fd20:ce::254', 'ipv6') // Google Cloud
refused.addAddress('fd00:c1::a9fe:a9fe', 'ipv6') // Oracle Cloud
refused.addAddress('::', 'ipv6')

/** Whether nothing may be sent to this IP address, whichever way it is written. */
export function isRefusedAddress(address: string): boolean {
  const [ip = ''] = address.replace(/^\[(.*)\]$/, '$1').split('%')
  const family = isIP(ip)
  if (family === 0) return false
  if (family === 4) return refused.check(ip, 'ipv4')
  const inner = ipv4Within(ip)
  return refused.check(ip, 'ipv6') || (inner !== undefined && refused.check(inner, 'ipv4'))
}

/** Prefixes of IPv6 addresses that are another spelling of an IPv4 one: mapped, compatible, NAT64 (RFC 6052), 6to4. */
const EMBEDDED = [
  /^::ffff:([0-9a-f]+):([0-9a-f]+)$/,
  /^::([0-9a-f]+):([0-9a-f]+)$/,
  /^64:ff9b::([0-9a-f]+):([0-9a-f]+)$/,
  /^2002:([0-9a-f]+):([0-9a-f]+):/,
]

function ipv4Within(ip: string): string | undefined {
  // The URL parser knows the one canonical spelling of an IPv6 address.
  const text = new URL(`http://[${ip}]/`).hostname.slice(1, -1)
  for (const form of EMBEDDED) {
    const [, high, low] = form.exec(text) ?? []
    if (high === undefined || low === undefined) continue
    const bits = [high, low].map((part) => Number.parseInt(part, 16))
    return bits.flatMap((part) => [part >> 8, part & 0xff]).join('.')
  }
  return undefined
}

/** What is wrong with an address that the program is to send to, in words; undefined when nothing is. */
export function urlFault(text: string): string | undefined {
  if (!URL.canParse(text)) return 'it is not a URL'
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'only https and http are allowed'
  if (url.username !== '' || url.password !== '') return 'a user or password stands in it'
  return hostFault(url.hostname)
}

/** The same for a host alone. A name is judged when it is looked up. */
export function hostFault(host: string): string | undefined {
  return isRefusedAddress(host) ? 'link-local and metadata addresses are never reached' : undefined
}

/**
 * A look-up that gives no refused address, to be handed to whatever connects. Judging a name beforehand would not do:
 * it may lead elsewhere a moment later.
 */
export function guardedLookup(lookup: LookupFunction): LookupFunction {
  return (host, options, callback) => {
    lookup(host, options, (error, found, family) => {
      if (error !== null) {
        callback(error, found, family)
        return
      }
      const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address)
      if (addresses.some(isRefusedAddress)) callback(refusal(host), '', 0)
      else callback(null, found, family)
    })
  }
}

/** Throws `outbound.refused` for a literal address that is never reached; a literal is not looked up. */
export function assertHost(host: string): void {
  if (hostFault(host) !== undefined) throw refusal(host)
}

function refusal(host: string): FirebreakError {
  return new FirebreakError('outbound.refused', `${host} is a link-local or metadata address`, {
    remedy: 'Name another host. If it is a name, see what it resolves to.',
  })
}
