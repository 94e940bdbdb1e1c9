//! `easel serve`: the page and a pack from a teacher's laptop to tablets, without internet.
//!
//! What is given away is a closed list of files, made at the start ([`site`]); an address is looked
//! up in it and never becomes a path. Only GET and HEAD are answered, nothing is taken and nothing
//! is written down. Browsers keep a page for times without a network, and compute by WebGPU, only
//! where the connection is secure: on this machine itself, or with `--tls` ([`trust`]).

mod address;
mod answer;
mod body;
mod coding;
mod connection;
mod page;
mod range;
mod site;
mod trust;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

use crate::failure::Failure;
use crate::terminal::{note, print};
use connection::{Server, serve};
use site::Site;
use trust::Authority;

/// Arguments of `easel serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The page's folder, as web/build makes it; without it, `web` beside the program or web/dist
    /// in the working copy.
    #[arg(long, value_name = "DIR")]
    pub page: Option<PathBuf>,
    /// A pack of `easel pack` that the page loads; without it the demo within the page speaks.
    #[arg(long, value_name = "PACK")]
    pub model: Option<PathBuf>,
    /// Where to listen; 0 takes any port that is free.
    #[arg(long, value_name = "PORT", default_value_t = 8321)]
    pub port: u16,
    /// To whom: 127.0.0.1 is this machine alone, 0.0.0.0 whoever reaches it.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// Speak TLS by a certificate made here, which each tablet is told once to trust.
    #[arg(long)]
    pub tls: bool,
}

/// Threads that read files.
const READERS: usize = 8;

/// Serves until the process is ended.
pub fn run(args: &ServeArgs) -> Result<(), Failure> {
    let page = page::find(args.page.as_deref())?;
    let mut site = Site::new(&page)?;
    if let Some(pack) = &args.model {
        site.add_model(pack)?;
    }
    // Files are read on threads of their own: one thread is enough for the rest.
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(READERS)
        .build()
        .map_err(Failure::io(&page, "cannot be served"))?;
    runtime.block_on(listen(args, site))
}

async fn listen(args: &ServeArgs, site: Site) -> Result<(), Failure> {
    let asked = SocketAddr::new(args.host, args.port);
    let refused = |error| Failure::Usage(format!("--host and --port: {asked}: {error}"));
    let listener = TcpListener::bind(asked).await.map_err(refused)?;
    let port = listener.local_addr().map_err(refused)?.port();
    let mut reached = address::reached_at(args.host);
    let authority = match args.tls {
        true => Some(Authority::load_or_make()?),
        false => None,
    };
    let tls = match &authority {
        Some(authority) => Some(authority.server(&reached)?),
        None => None,
    };
    if tls.is_some() {
        // It vouches for no other addresses.
        reached.retain(|ip| trust::is_local(*ip));
    }
    tell(args, &reached, port, authority.as_ref())?;
    let trust = authority.as_ref().map(Authority::page);
    serve(&listener, &Arc::new(Server { site, tls, trust })).await;
    Ok(())
}

/// Says on standard output where the page is, and how to get there.
fn tell(
    args: &ServeArgs,
    reached: &[IpAddr],
    port: u16,
    authority: Option<&Authority>,
) -> Result<(), Failure> {
    let scheme = if authority.is_some() { "https" } else { "http" };
    let url = |ip: &IpAddr, scheme| format!("{scheme}://{}/", SocketAddr::new(*ip, port));
    let mut text = String::from("The page is at (Ctrl-C ends it)\n");
    for ip in reached {
        text.push_str(&format!("  {}\n", url(ip, scheme)));
    }
    let first = reached.iter().find(|ip| !ip.is_loopback());
    if let Some(tablet) = first.or(reached.first()) {
        text.push_str(&address::qr(&url(tablet, scheme)));
        if let Some(authority) = authority {
            text.push_str(&authority.steps(&format!("{}trust", url(tablet, "http"))));
        }
    }
    print(&text)?;
    if args.host.is_unspecified() && first.is_none() {
        note("no address in a local network was found: only this machine reaches the page");
    }
    if first.is_some() && authority.is_none() {
        note(
            "without --tls, browsers on other devices neither keep the page nor use their graphics \
             processor",
        );
    }
    Ok(())
}
