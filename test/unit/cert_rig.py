# SPDX-License-Identifier: Apache-2.0
"""Certificates as RFC 5280 wants them: two authorities and those that they sign."""

from __future__ import annotations

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
    "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def make_certificates(folder):
    """``server`` and ``robot`` of ``authority``, ``impostor`` of ``stranger``: .pem and .key."""
    authority, stranger = _make(folder, "authority"), _make(folder, "stranger")
    for name, issuer in (("server", authority), ("robot", authority), ("impostor", stranger)):
        _make(folder, name, issuer)


def _make(folder, name, issuer=None):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer_name, signer_key = issuer or (subject, key)
    now = datetime.datetime.now(datetime.timezone.utc)
    use = "key_cert_sign" if issuer is None else "digital_signature"
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    extensions = (
        (x509.SubjectAlternativeName([address]), False),
        (x509.BasicConstraints(issuer is None, None), True),
        (x509.KeyUsage(**{each: each == use for each in _USES}), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(signer_key.public_key()), False),
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    pem = serialization.Encoding.PEM
    certificate = builder.sign(signer_key, hashes.SHA256())
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(pem))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return subject, key
