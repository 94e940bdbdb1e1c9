//! TLS by the certificate that is made on the spot.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::client::{Answer, ask_on, connect, get};
use super::{Class, SCRIPT, text};
use crate::run::{Ran, command};

/// A client that trusts `certificate` and nothing else.
fn client(certificate: &[u8]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(certificate.to_vec())).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap();
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}

fn ask_as(config: &Arc<ClientConfig>, name: IpAddr, at: SocketAddr, line: &str) -> Answer {
    let connection = ClientConnection::new(Arc::clone(config), ServerName::from(name)).unwrap();
    ask_on(StreamOwned::new(connection, connect(at)), line, &[])
}

#[test]
fn tablets_that_trust_the_certificate_have_a_secure_page() {
    let class = Class::with(&["--tls"], |_| {});
    let at = class.server.address;
    let said = class.server.said.join("\n");
    assert!(said.contains(&format!("https://{at}/")), "{said}");
    assert!(said.contains(&format!("http://{at}/trust")), "{said}");

    // Without TLS there are the steps and the certificate, and a way to the page.
    let steps = get(at, "/trust", &[]);
    assert_eq!((steps.status, steps.header("content-type")), (200, "text/html; charset=utf-8"));
    let fingerprint = said.lines().find_map(|line| line.split_once("SHA-256: ")).unwrap().1;
    assert_eq!(fingerprint.len(), 32 * 3 - 1);
    assert!(steps.text().contains(fingerprint) && steps.text().contains("信任"));
    let certificate = get(at, "/trust/easel-class.crt", &[]);
    assert_eq!(certificate.header("content-type"), "application/x-x509-ca-cert");
    let away = get(at, "/pkg/words.js", &[]);
    assert_eq!((away.status, away.header("location")), (307, "https://class/pkg/words.js"));

    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let trusting = client(&certificate.body);
    let answer = ask_as(&trusting, loopback, at, "GET /pkg/words.js");
    assert_eq!((answer.status, answer.body.as_slice()), (200, SCRIPT));
    let answer = ask_as(&trusting, loopback, at, "GET /");
    assert_eq!(answer.header("location"), "/?model=model/");

    // Not for another address, and not for who does not trust it.
    let other = ServerName::from(IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)));
    for (config, name) in [
        (Arc::clone(&trusting), other),
        (client(&another_certificate()), ServerName::from(loopback)),
    ] {
        let connection = ClientConnection::new(config, name).unwrap();
        let mut stream = StreamOwned::new(connection, connect(at));
        let refused = std::io::Write::write_all(&mut stream, b"GET / HTTP/1.1\r\n\r\n");
        assert!(refused.unwrap_err().to_string().contains("certificate"));
    }
}

/// The certificate of another laptop.
fn another_certificate() -> Vec<u8> {
    let class = Class::with(&["--tls"], |_| {});
    get(class.server.address, "/trust/easel-class.crt", &[]).body
}

#[test]
fn the_certificate_that_was_trusted_once_is_kept() {
    let class = Class::with(&["--tls"], |_| {});
    let (folder, at) = (class.folder.path(), class.server.address);
    let trusted = client(&get(at, "/trust/easel-class.crt", &[]).body);
    let home = folder.join("home");
    let page = text(&folder.join("page"));
    let again = super::Server::start(&home, &["--page", &page, "--tls"]);
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    assert_eq!(ask_as(&trusted, loopback, again.address, "GET /index.html").status, 200);

    // Damaged, it is named and not replaced silently: tablets trust it.
    let file = home.join("easel/class-server.pem");
    assert!(file.is_file(), "{}", file.display());
    std::fs::write(&file, "nonsense").unwrap();
    let mut serve = command(["serve", "--port", "0", "--page", &page, "--tls"]);
    let ran = Ran::of(serve.env("XDG_CONFIG_HOME", &home).env("HOME", &home));
    assert_eq!(ran.status, 1);
    assert!(ran.err.contains(&text(&file)) && ran.err.contains("expected"), "{}", ran.err);
}
