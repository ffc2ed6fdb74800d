"""Certificates for tests, made on the spot: authorities, devices and controllers, with or without a Modbus role."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

from drivers.tls import ROLE_OID, TlsFiles

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key, and their PEM files."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    certificate_file: Path
    key_file: Path


def utf8_string(text: str) -> bytes:
    """DER of a UTF8String."""
    data = text.encode()
    return b"\x0c" + (bytes([len(data)]) if len(data) < 128 else bytes([0x81, len(data)])) + data


def issue(
    folder: Path,
    name: str,
    by: Issued | None = None,
    *,
    is_authority: bool = False,
    role: bytes | None = None,
    host: str = "127.0.0.1",
    days: tuple[int, int] = (-1, 10),
) -> Issued:
    """A certificate signed ``by`` another, or by itself; ``role`` is the DER of the role extension."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + days[0] * DAY)
        .not_valid_after(now + days[1] * DAY)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
    )
    if role is not None:
        builder = builder.add_extension(x509.UnrecognizedExtension(ObjectIdentifier(ROLE_OID), role), critical=False)
    certificate = builder.sign(by.key if by else key, hashes.SHA256())
    issued = Issued(certificate, key, folder / f"{name}.pem", folder / f"{name}.key")
    issued.certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    issued.key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    issued.key_file.chmod(0o600)
    return issued


def serving(device: Issued, clients_by: Issued) -> ssl.SSLContext:
    """The context of a device that wants a client certificate from that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(clients_by.certificate_file)
    context.load_cert_chain(device.certificate_file, device.key_file)
    return context


def files(ca: Issued, own: Issued) -> TlsFiles:
    """What a bus is given."""
    return TlsFiles(ca.certificate_file, own.certificate_file, own.key_file)
