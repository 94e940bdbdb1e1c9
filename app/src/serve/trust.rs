//! TLS by a certificate of our own, and how tablets are told to trust it.
//!
//! An authority is made once and kept in the platform's folder; tablets trust that. At each start it
//! vouches for a new certificate with the addresses that this machine has then, so that a new network
//! asks nothing new of anybody. It cannot vouch for more than a local network's addresses
//! (RFC 5280, 4.2.1.10): whoever stole its key could not pose as a bank.

use std::fmt::{Display, Write as _};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use easel::native::settings_folder;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, PublicKeyData as _, SanType, date_time_ymd,
};
use sha2::{Digest, Sha256};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::failure::Failure;
use crate::file;

/// The authority's key and certificate, in the platform's folder.
const FILE: &str = "class-server.pem";

/// The longest such file, in bytes.
const LONGEST: u64 = 64 << 10;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What our own certificates are valid for. Apple's devices take at most 825 days.
const LEAF_DAYS: u32 = 398;
/// What the authority is valid for.
const AUTHORITY_DAYS: u32 = 20 * 365;

/// Local networks (RFC 1918, 3927, 4193, 4291): address and bits.
const LOCAL: [(IpAddr, u8); 8] = [
    (IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(172, 16, 0, 0)), 12),
    (IpAddr::V4(Ipv4Addr::new(192, 168, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(169, 254, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
    (IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
    (IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
    (IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), 10),
];

/// What vouches for our certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    name: String,
    file: PathBuf,
}

/// What tells how to trust it.
pub struct TrustPage {
    /// The steps.
    pub html: String,
    /// The authority's certificate, DER.
    pub certificate: Vec<u8>,
}

impl Authority {
    /// The one that was made before, or a new one.
    pub fn load_or_make() -> Result<Self, Failure> {
        let folder = settings_folder().ok_or_else(|| {
            Failure::Usage(
                "--tls keeps its certificate in the home folder, and HOME names none".into(),
            )
        })?;
        let file = folder.join(FILE);
        if file.exists() { Self::load(&file) } else { Self::make(&file) }
    }

    fn load(file: &Path) -> Result<Self, Failure> {
        let text = String::from_utf8(file::read(file, "certificate", LONGEST)?).unwrap_or_default();
        let broken = || {
            let expected = "expected the key and the certificate that --tls made; without this \
                            file, it makes new ones";
            Failure::file(file, expected)
        };
        let key = KeyPair::from_pem(&text).map_err(|_| broken())?;
        let certificate = CertificateDer::from_pem_slice(text.as_bytes()).map_err(|_| broken())?;
        Ok(Self::new(key, certificate, file))
    }

    fn make(file: &Path) -> Result<Self, Failure> {
        let key = KeyPair::generate().map_err(|error| unmade(&error))?;
        let mut about = about(&name(&key));
        valid(&mut about, AUTHORITY_DAYS);
        let certificate = about.self_signed(&key).map_err(|error| unmade(&error))?;
        keep(file, &(key.serialize_pem() + &certificate.pem()))
            .map_err(Failure::io(file, "cannot be written"))?;
        Ok(Self::new(key, certificate.der().clone(), file))
    }

    fn new(key: KeyPair, certificate: CertificateDer<'static>, file: &Path) -> Self {
        let name = name(&key);
        let issuer = Issuer::new(about(&name), key);
        Self { issuer, certificate, name, file: file.to_owned() }
    }

    /// TLS for these addresses.
    pub fn server(&self, addresses: &[IpAddr]) -> Result<TlsAcceptor, Failure> {
        let local: Vec<IpAddr> = addresses.iter().copied().filter(|ip| is_local(*ip)).collect();
        if local.is_empty() {
            let found = addresses.first().map_or_else(|| "none".to_owned(), ToString::to_string);
            return Err(Failure::Usage(format!(
                "--tls is for local networks, such as 192.168.0.0/16, and this address is {found}"
            )));
        }
        let key = KeyPair::generate().map_err(|error| unmade(&error))?;
        let mut leaf = CertificateParams::default();
        leaf.distinguished_name = named("Easel");
        leaf.subject_alt_names = local.into_iter().map(SanType::IpAddress).collect();
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        valid(&mut leaf, LEAF_DAYS);
        let leaf = leaf.signed_by(&key, &self.issuer).map_err(|error| unmade(&error))?;
        let chain = vec![leaf.der().clone(), self.certificate.clone()];
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(|error| unmade(&error))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| unmade(&error))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| unmade(&error))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// The SHA-256 of the certificate, as devices show it.
    fn fingerprint(&self) -> String {
        let mut text = String::new();
        for (at, byte) in Sha256::digest(&self.certificate).iter().enumerate() {
            let _ = write!(text, "{}{byte:02X}", if at == 0 { "" } else { ":" });
        }
        text
    }

    /// The steps in the terminal; `url` shows them on a tablet.
    pub fn steps(&self, url: &str) -> String {
        format!(
            "Each tablet is told once to trust this laptop:\n  \
             1. On the tablet, open {url}\n  \
             2. Load the certificate '{}' and install it, as that page says for each system\n  \
             3. Compare its SHA-256: {}\n  \
             4. Open the page's address above\n\
             It vouches for addresses in local networks only; its key is kept in {}\n",
            self.name,
            self.fingerprint(),
            self.file.display(),
        )
    }

    /// The steps as a page.
    pub fn page(&self) -> TrustPage {
        let html = include_str!("trust.html")
            .replace("{name}", &self.name)
            .replace("{fingerprint}", &self.fingerprint());
        TrustPage { html, certificate: self.certificate.to_vec() }
    }
}

/// What is in the authority's certificate; the same whenever it is asked for with the same name.
fn about(name: &str) -> CertificateParams {
    let mut about = CertificateParams::default();
    about.distinguished_name = named(name);
    about.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    about.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let subnets = LOCAL.map(|(ip, bits)| CidrSubnet::from_addr_prefix(ip, bits));
    // Host names without a dot and `.local` are none that anybody could own.
    let names = ["local", "localhost"].map(|name| GeneralSubtree::DnsName(name.to_owned()));
    let permitted = subnets.into_iter().map(GeneralSubtree::IpAddress).chain(names).collect();
    about.name_constraints =
        Some(NameConstraints { permitted_subtrees: permitted, excluded_subtrees: Vec::new() });
    about
}

/// Names the authority by its key: two laptops of one school are told apart.
fn name(key: &KeyPair) -> String {
    let sum = Sha256::digest(key.der_bytes());
    format!("Easel class server {:02x}{:02x}", sum[0], sum[1])
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

/// Whether an address is one of a local network.
pub fn is_local(ip: IpAddr) -> bool {
    LOCAL.iter().any(|&(network, bits)| match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => {
            (u32::from(ip) ^ u32::from(network)) >> (32 - bits) == 0
        }
        (IpAddr::V6(ip), IpAddr::V6(network)) => {
            (u128::from(ip) ^ u128::from(network)) >> (128 - bits) == 0
        }
        _ => false,
    })
}

/// Valid from yesterday, as clocks differ, for so many days.
fn valid(certificate: &mut CertificateParams, days: u32) {
    let (epoch, now) = (date_time_ymd(1970, 1, 1), SystemTime::now().duration_since(UNIX_EPOCH));
    let now = now.unwrap_or_default();
    certificate.not_before = epoch + now.saturating_sub(DAY);
    certificate.not_after = epoch + now + DAY * days;
}

fn unmade(error: &dyn Display) -> Failure {
    Failure::Usage(format!("no certificate could be made for --tls: {error}"))
}

/// Writes what only the owner may read; beside it first, so that a power cut leaves no half of it.
fn keep(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let aside = file.with_extension("pem.part");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&aside)?.write_all(text.as_bytes())?;
    fs::rename(&aside, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_networks_are_told_from_others() {
        for local in ["10.1.2.3", "172.31.0.1", "192.168.1.5", "127.0.0.1", "::1", "fd00::5"] {
            assert!(is_local(local.parse().unwrap()), "{local}");
        }
        for other in ["8.8.8.8", "172.32.0.1", "192.169.0.1", "2001:db8::1", "::2"] {
            assert!(!is_local(other.parse().unwrap()), "{other}");
        }
    }

    #[test]
    fn an_authority_is_the_same_when_it_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a").join(FILE);
        let made = Authority::make(&file).unwrap();
        let read = Authority::load(&file).unwrap();
        assert_eq!((made.certificate, made.name), (read.certificate.clone(), read.name.clone()));
        assert!(read.page().html.contains(&read.fingerprint()));
        let filled = |place| !read.page().html.contains(place);
        assert!(filled("{name}") && filled("{fingerprint}"));
        let local = ["192.168.1.5".parse().unwrap()];
        assert!(read.server(&local).is_ok());
        let refused = read.server(&["8.8.8.8".parse().unwrap()]).err().unwrap().to_string();
        assert!(refused.contains("local networks") && refused.contains("8.8.8.8"), "{refused}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0);
        }
        fs::write(&file, "nonsense").unwrap();
        let broken = Authority::load(&file).err().unwrap().to_string();
        assert!(broken.contains(FILE) && broken.contains("expected the key"), "{broken}");
    }
}
