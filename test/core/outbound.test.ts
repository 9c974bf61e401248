import type { LookupFunction } from 'node:net'
import { describe, expect, it } from 'vitest'
import { guardedLookup, hostFault, isRefusedAddress, urlFault } from '../../src/core/outbound.ts'

describe('outbound addresses', () => {
  it.each([
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    '0.0.0.0',
    'fe80::1',
    'fe80::1%eth0',
    '[fe80::1]',
    'fd00:ec2::254',
    'fd00:ec2::23',
    'FD00:EC2:0:0:0:0:0:254',
    'fd20:ce::254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
  ])('are refused where only this machine reaches them: %s', (address) => {
    expect(isRefusedAddress(address)).toBe(true)
  })

  it.each([
    '127.0.0.1',
    '::1',
    '10.0.0.1',
    '192.168.1.1',
    '169.253.0.1',
    'fd00::1',
    '2001:db8::1',
    '::ffff:10.0.0.1',
  ])('are allowed elsewhere, private networks too: %s', (address) => {
    expect(isRefusedAddress(address)).toBe(false)
  })

  it('are judged in a URL, however the host is spelt', () => {
    for (const host of [
      '169.254.169.254',
      '2852039166',
      '0xa9fea9fe',
      '0251.0376.0251.0376',
      '[::ffff:a9fe:a9fe]',
    ])
      expect(urlFault(`http://${host}/latest`)).toContain('link-local')
    expect(urlFault('https://user:pass@example.com/')).toContain('password')
    expect(urlFault('ftp://example.com/')).toContain('https')
    expect(urlFault('nowhere')).toBe('it is not a URL')
    expect(urlFault('https://example.com:9200/x')).toBeUndefined()
    expect(hostFault('metadata.example.com')).toBeUndefined()
  })

  it('are judged when a name is looked up, and one that leads to several places is refused for one of them', async () => {
    expect(await ask(found('10.0.0.1'), false)).toBe('10.0.0.1')
    expect(await ask(found('10.0.0.1', '10.0.0.2'), true)).toHaveLength(2)
    expect(await ask(found('169.254.169.254'), false)).toMatchObject({ code: 'outbound.refused' })
    expect(await ask(found('10.0.0.1', '169.254.169.254'), true)).toMatchObject({ code: 'outbound.refused' })
  })
})

function found(...addresses: string[]): LookupFunction {
  return (_, options, callback) => {
    if (options.all)
      callback(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      )
    else callback(null, addresses[0] ?? '', 4)
  }
}
function ask(lookup: LookupFunction, all: boolean): Promise<unknown> {
  return new Promise((resolve) => {
    guardedLookup(lookup)('name.example.com', { all }, (error, address) => resolve(error ?? address))
  })
}
