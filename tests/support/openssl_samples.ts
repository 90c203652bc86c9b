/**
 * Certificates and signatures that OpenSSL 3.0 made, so that what checks them is not what made them. The private
 * keys are gone.
 */

/** What was signed. */
export const OPENSSL_FILE = "firmware v2\n";

/** EC P-256, self-signed: CN `Maker Root`, O `Maker & Co`; valid to 2054. */
export const OPENSSL_ROOT = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUCgAwIBAgIDChssMAoGCCqGSM49BAMCMCoxEzARBgNVBAMMCk1ha2Vy
IFJvb3QxEzARBgNVBAoMCk1ha2VyICYgQ28wIBcNMjYxMTIyMTcyNTA2WhgPMjA1
NDA0MDkxNzI1MDZaMCoxEzARBgNVBAMMCk1ha2VyIFJvb3QxEzARBgNVBAoMCk1h
a2VyICYgQ28wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQouf1j8QseVvUixlqy
fsdJIj7dGoVqx2mfSsejbvCIHXLzEvyL4eGpjH54QPEyLKJ76HQGrO40QTsBjh1+
D6Opo1MwUTAdBgNVHQ4EFgQUoFgXopxF5t93rcBV0r/QqGpVJq4wHwYDVR0jBBgw
FoAUoFgXopxF5t93rcBV0r/QqGpVJq4wDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjO
PQQDAgNJADBGAiEA8GkJtnJffJgvLSL13mIL7HMMNiapfeh+TrlXLsMHPUwCIQCC
eE+XWOajyWh9n4o6S1WFKXYAoWA4+IzKW3qMvuHR3A==
-----END CERTIFICATE-----
`;

/** RSA 2048, version 1, by the root: CN `Signer`, O `Maker`, C `NL`, serial number 00f1e2d3; valid to 2054. */
export const OPENSSL_SIGNER = `-----BEGIN CERTIFICATE-----
MIICDzCCAbYCBADx4tMwCgYIKoZIzj0EAwIwKjETMBEGA1UEAwwKTWFrZXIgUm9v
dDETMBEGA1UECgwKTWFrZXIgJiBDbzAgFw0yNjExMjIxNzI1MDdaGA8yMDU0MDQw
ODE3MjUwN1owLjEPMA0GA1UEAwwGU2lnbmVyMQ4wDAYDVQQKDAVNYWtlcjELMAkG
A1UEBhMCTkwwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQC1gV4NGu8U
21iwNAiAbLOAWIIbYtWakDX7FyF1mL8x1lecq1+O3SDR6j9eUZPorXUlwg0bZywb
uVQ7YFC8y7Uv9A8c72Sv2SQJVo4te2jlqXa+6/epGjUmkC7cYyzlW+DLQN88jPaA
nhBp8IM/D2iZWAaV9ST/PG1laiRu2Svhxv8iM01WGhsIDSKDw2M3ZV9LZsYhP9v4
SHN+oUDjFKSOgX1MBOA9nzDcJdY2X6Y/hGrgvoci7uxzGw40HgAiI3llGBMKsRsK
sBE/UKRpzXmjH7vYHh+8EWvYae9k1qezCppVGsfia7+BLrOBlaQBnXgZ8ZksNleO
mo/HTiaLGYDpAgMBAAEwCgYIKoZIzj0EAwIDRwAwRAIgA4WXAjeLRdKVC4h1Qhax
Q3Nxgzed+TNqmbDvd4bnWrkCIDkgeSNhB4jipOVzaKSt4HuOPWtX8ebLatJaRwDN
I3oM
-----END CERTIFICATE-----
`;

/** A moment at which both are valid. */
export const OPENSSL_VALID_AT_MS = Date.UTC(2030, 0, 1);

/** What `openssl ocsp` says of the signer; the longer ones it cuts after 35 bytes. */
export const OPENSSL_HASHES = {
  SHA256: {
    issuerNameHash: "1aa2ced2419c0722bdb41df6329fdc7b56f08b97253ee4fac13129dca1d5b5aa",
    issuerKeyHash: "916ce1f6c2feedb41023c1aa2a92dee40b88faf2d0b0b38906ab4464b19d5347",
  },
  SHA384: {
    issuerNameHash: "aa35a7d0315c031de4b3045915dbbbfed6b442df60a84ee5f439e0ab720f06da8d3dc8",
    issuerKeyHash: "f7fd1d7f1d36d6d3ef20bfe619575334916850af5bd567863f955fae64c265e9576787",
  },
  SHA512: {
    issuerNameHash: "84c8e443f2ed2e1200e861387f64cb89da4caab6c499070c2533e42e7f47b387fe87e8",
    issuerKeyHash: "5ca13bbf0e25aaa2d7279e46f72f40dcdc3ad9c67750d9a75d0153426546a5fb3c4e12",
  },
} as const;

/** Signatures of the signer (RSA) and of the root (ECDSA, DER) over the file, SHA-256. */
export const OPENSSL_SIGNATURES = {
  pkcs1: `CcRp6YEnndathI0zwMDPt3zRBRaSlrNtlefq2vJWRewObQpwDQ/R/VMPSZ5I54P2
sTtq6H9mdFJMrDfjlw9sVtUNnrESDoJrNf0YM6juFkaXYuGRMrBBQTKgM87C5DZj
39YdaYBxUwC83z8Btqu6+IOt25qjqJnGk9C8Pj/tWcNxT+09I3agMDV5RnnSsed1
VJMe0Q7ZsQ7bH5t5KXb9MVjG39VLOfo6gRiGxyiNGzhqH33EY0hWCjXbTbSIBjij
K/jki7JA8DqtQmSZEm87tYBdcwBBplf9EO3aJHM8VrdMD7BsjT/TwwN+zGlMqph1
5D9nVguIxbzrYAqqruGSqw==`,
  pssSalt32: `W7UWpx3jfXKBrX8KqReYp0iKVeL66K+bJq7p8kAmIhFeGDga3C1pi+1dg5/NyLp8
J0yvECqtEz6dE2JKfIeSQWDQyHG+vXaOgsbCwEGxokvkSNpR2gr9pt+T1FvW0qes
k2asA6JUqgzjal+lH7qigBey2bcveai2oi/DsbVSPJv4KizwaEuHUOIaakcEk9Ka
ypBcB2a8X13lT4SBWmZcUT9rKtp4xWpLjdd1IsIsGhrieiMWIL0wwvezN+CEfK1X
Gn8SKnlBj+DeQ9lyyS4RTNNjfXaXIZP0Yz+7+hgA5Qj4S/g7qn2Qs8xraGFi0/yn
pqTf5wMTeZxJEZslCmEVtg==`,
  pssSaltMax: `J8CY6QtBtzIR8b/p29NCcC5k1TQfR/RZ1rQhOfsN4689YWlWgtDuYm9j3VxMZnf9
dGBmcx7K2Q39QCpop8LtT2xMA6IQhhgpxmijX9+f8InnTyrNfOEQ9X+47ct3ugJj
mVBzPQ1W5YO/DUDp6NhMKRRlDinZMa/9BqrYdATkJIH90dfT8ctTeZX3Vtz9PclH
Op2Mxe2DUgN5jtxQUdRpPhk4WWjfEwqdZGDOf13mbSQNRrXSQRHR1Id5vfMql+at
Der4wucsDqEHFKxmzky1vWFu0IlQnZco0vp4WY5vL6acU/7+M3J5I3YjhfmGJd92
J6FWnPqIPigvWb9QItgctQ==`,
  ecdsa: `MEUCIBRNYyhUWnvu8DYAulF5iibhnEgIClzr6eUjcnWMRQebAiEAs4lnxSZfj3Ki
Q/6UftVmXTUFj/hLCQTgftmwInIRYoc=`,
} as const;
