import assert from "node:assert/strict";
import { test } from "node:test";
import { isPublicAddress } from "../../src/lib/public-address.ts";

test("addresses of the public internet are public", () => {
  for (const address of [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00::1",
    "::ffff:1.1.1.1",
    "::FFFF:101:101",
    "64:ff9b::1.1.1.1",
  ]) {
    assert.equal(isPublicAddress(address), true, address);
  }
});

test("addresses of this machine, of private networks and of links are not", () => {
  for (const address of [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "168.63.129.16",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700:4700::1111%eth0",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
  ]) {
    assert.equal(isPublicAddress(address), false, address);
  }
});

test("neither are those for one to many, for tests, for examples and for later", () => {
  for (const address of [
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "ff02::1",
    "100::1",
    "2001:db8::1",
    "3fff::1",
    "4000::1",
  ]) {
    assert.equal(isPublicAddress(address), false, address);
  }
});

test("an IPv6 address is judged by the IPv4 address it stands for, however it is written", () => {
  for (const address of [
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "0:0:0:0:0:ffff:7f00:0001",
    "::ffff:0:0",
    "::ffff:0.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::1",
    "64:ff9b:1::a00:1",
    "::127.0.0.1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
  ]) {
    assert.equal(isPublicAddress(address), false, address);
  }
});

test("what is no address is not public", () => {
  for (const text of ["", "localhost", "1.1.1", "1.1.1.1.1", "0x7f.1", "[::1]", "1.1.1.1:80"]) {
    assert.equal(isPublicAddress(text), false, text);
  }
});
