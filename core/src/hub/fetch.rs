//! From a model's name to a folder with its files.

use std::collections::HashSet;
use std::io::Read;
use std::path::PathBuf;

use ureq::http::Uri;

use super::client::{Client, Part, Subject};
use super::layout::Layout;
use super::limits::{Failure, Patience};
use super::listing::{Listing, RemoteFile};
use super::present::{self, size_of};
use super::transfer::Transfer;
use super::{Hub, HubError, ModelId, Progress, url};

/// Bound on the list of a model's files; the longest are a few hundred kilobytes.
const LONGEST_LISTING: u64 = 32 << 20;

impl Hub {
    /// Brings the `wanted` files of a model into the cache and returns the folder that shows them.
    ///
    /// What is there already is not asked for again: a second call makes no request at all, so a
    /// branch stays at the commit it was first fetched at. `wanted` gets a file's path in the
    /// model, such as [`wanted_for_model`](super::wanted_for_model).
    ///
    /// Blocks until done; retries, resumes and waits within the [`Limits`](super::Limits).
    ///
    /// # Errors
    /// When the model cannot be had or its files do not fit on the disk, or when offline and the
    /// cache does not hold them all. Parts that came stay and are continued by the next call.
    pub fn fetch(
        &self,
        id: &ModelId,
        wanted: impl Fn(&str) -> bool,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<PathBuf, HubError> {
        let layout = Layout::new(&self.cache, id);
        let missing = match layout.commit() {
            Some(commit) => match present::check(&layout, &commit, &wanted, self.offline) {
                Ok(()) => return Ok(layout.snapshot(&commit)),
                Err(missing) => missing,
            },
            None => "all of it".to_owned(),
        };
        if self.offline {
            let (model, cache) = (id.to_string(), self.cache.clone());
            return Err(HubError::Offline { model, cache, missing });
        }
        log::debug!("{id}: missing {missing}");
        let client = Client::new(self.token.clone(), &self.limits);
        let listing = self.list(&client, id, &wanted)?;
        self.complete(&client, id, &layout, &listing.commit, &listing.wanted, progress)?;
        present::write_record(&layout, &listing.commit, listing.all)?;
        layout.write_ref(&listing.commit)?;
        Ok(layout.snapshot(&listing.commit))
    }

    fn list(
        &self,
        client: &Client,
        id: &ModelId,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Listing, HubError> {
        let revision = url::encode_segment(id.revision());
        let address =
            self.address(&format!("api/models/{}/revision/{revision}?blobs=true", id.repo()))?;
        let mut patience = Patience::new(self.limits, &self.go_on, id);
        loop {
            match read_list(client, &address, id) {
                Ok(json) => return Listing::parse(&json, id, wanted),
                Err(failure) => patience.pause_after(failure)?,
            }
        }
    }

    /// Fetches the files that the snapshot lacks.
    fn complete(
        &self,
        client: &Client,
        id: &ModelId,
        layout: &Layout,
        commit: &str,
        files: &[RemoteFile],
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), HubError> {
        let snapshot = layout.snapshot(commit);
        let lacking: Vec<_> = files
            .iter()
            .filter(|file| size_of(&snapshot.join(&file.name)) != Some(file.size))
            .collect();
        // Files of equal content share a blob.
        let mut sums = HashSet::new();
        let absent: Vec<_> = lacking
            .iter()
            .filter(|file| size_of(&layout.blob(&file.sum)) != Some(file.size))
            .filter(|file| sums.insert(file.sum.digits()))
            .collect();
        self.check_space(layout, absent.iter().map(|file| **file))?;
        let bytes = absent.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size));
        progress(Progress::Total { files: absent.len(), bytes });

        for file in lacking {
            self.go_on.check(id)?;
            let blob = layout.blob(&file.sum);
            let lock = layout.lock(&file.sum)?;
            // Another program may have brought it while we waited.
            if size_of(&blob) != Some(file.size) {
                let address = self.address(&format!(
                    "{}/resolve/{commit}/{}",
                    id.repo(),
                    url::encode_path(&file.name)
                ))?;
                let (limits, go_on) = (self.limits, &self.go_on);
                let transfer = Transfer { client, limits, go_on, id, file, address };
                transfer.run(layout.partial_under(&lock, &file.sum), &blob, progress)?;
            }
            layout.place(commit, &file.name, &file.sum)?;
        }
        Ok(())
    }

    /// Compares what is still to come with the room on the disk.
    fn check_space<'a>(
        &self,
        layout: &Layout,
        absent: impl Iterator<Item = &'a RemoteFile>,
    ) -> Result<(), HubError> {
        let needed = absent.fold(0_u64, |sum, file| {
            let there = size_of(&layout.partial(&file.sum)).filter(|there| *there <= file.size);
            sum.saturating_add(file.size - there.unwrap_or(0))
        });
        let folder = layout.make_blobs()?;
        match (self.free_space)(&folder) {
            Some(free) if free < needed => Err(HubError::NoSpace { folder, needed, free }),
            _ => Ok(()),
        }
    }

    fn address(&self, path: &str) -> Result<Uri, HubError> {
        let unusable = |reason| HubError::Endpoint { endpoint: self.endpoint.clone(), reason };
        if url::parse(&self.endpoint).map_err(unusable)?.query().is_some() {
            return Err(unusable("it has a query".to_owned()));
        }
        url::parse(&format!("{}/{path}", self.endpoint)).map_err(unusable)
    }
}

fn read_list(client: &Client, address: &Uri, id: &ModelId) -> Result<Vec<u8>, Failure> {
    let subject = Subject { id, file: None };
    let answer = client.get(address, &Part::default(), subject)?;
    if answer.status() != 200 {
        return Err(HubError::Status { what: subject.name(), status: answer.status() }.into());
    }
    let mut json = Vec::new();
    let mut body = answer.response.into_body().into_reader().take(LONGEST_LISTING + 1);
    match body.read_to_end(&mut json) {
        Ok(_) if json.len() as u64 > LONGEST_LISTING => {
            let reason = format!("it is longer than {LONGEST_LISTING} bytes");
            Err(HubError::Listing { model: id.to_string(), reason }.into())
        }
        Ok(_) => Ok(json),
        Err(error) => {
            let failed = HubError::Unreachable { what: subject.name(), reason: error.to_string() };
            Err(Failure::Again(failed, None))
        }
    }
}
