//! Messages between a page and its workers: JSON, with the picture's bytes beside it, so that a
//! photograph is moved and not spelled out.

use crate::ui::{Ask, Event, Request, Source, Tell};

/// A request as JSON and bytes.
#[must_use]
pub fn pack_request(mut request: Request) -> (String, Vec<u8>) {
    let body = picture(&mut request.ask).map(std::mem::take).unwrap_or_default();
    // Strings, numbers and names only: this cannot fail.
    (serde_json::to_string(&request).unwrap_or_default(), body)
}

/// A request from JSON and bytes.
///
/// # Errors
/// When the JSON is no request.
pub fn unpack_request(head: &str, body: Vec<u8>) -> Result<Request, serde_json::Error> {
    let mut request: Request = serde_json::from_str(head)?;
    if let Some(bytes) = picture(&mut request.ask) {
        *bytes = body;
    }
    Ok(request)
}

/// An event as JSON and bytes.
#[must_use]
pub fn pack_event(mut event: Event) -> (String, Vec<u8>) {
    let body = match &mut event.tell {
        Tell::Opened(preview) => std::mem::take(&mut preview.rgb),
        _ => Vec::new(),
    };
    (serde_json::to_string(&event).unwrap_or_default(), body)
}

/// An event from JSON and bytes.
///
/// # Errors
/// When the JSON is no event.
pub fn unpack_event(head: &str, body: Vec<u8>) -> Result<Event, serde_json::Error> {
    let mut event: Event = serde_json::from_str(head)?;
    if let Tell::Opened(preview) = &mut event.tell {
        preview.rgb = body;
    }
    Ok(event)
}

/// The bytes that travel beside a request.
fn picture(ask: &mut Ask) -> Option<&mut Vec<u8>> {
    let (Ask::Open(source) | Ask::Assess { source, .. } | Ask::Occlude { source, .. }) = ask else {
        return None;
    };
    match source {
        Source::File { bytes, .. } => Some(bytes),
        Source::Pixels { rgb, .. } => Some(rgb),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::{Preview, Step};

    #[test]
    fn pictures_travel_beside_the_words() {
        let source = Source::File { name: "a.png".into(), bytes: vec![7; 9] };
        let request = Request { id: 3, ask: Ask::Open(source) };
        let (head, body) = pack_request(request.clone());
        assert_eq!(head, r#"{"id":3,"ask":{"Open":{"File":{"name":"a.png","bytes":[]}}}}"#);
        assert_eq!(body, [7; 9]);
        assert_eq!(unpack_request(&head, body).unwrap(), request);
        let preview = Preview { width: 1, height: 1, rgb: vec![1, 2, 3] };
        for tell in [Tell::Opened(preview), Tell::Step(Step::Looking)] {
            let event = Event { id: 3, tell };
            let (head, body) = pack_event(event.clone());
            assert_eq!(unpack_event(&head, body).unwrap(), event);
        }
        assert!(unpack_event("{", Vec::new()).is_err());
    }
}
