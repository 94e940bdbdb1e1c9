//! Messages between a page and its workers: JSON, with the pictures' bytes beside it, so that a
//! photograph is moved and not spelled out.

use crate::class;
use crate::portfolio;
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
    let body = join(&mut pictures(&mut event.tell));
    (serde_json::to_string(&event).unwrap_or_default(), body)
}

/// An event from JSON and bytes.
///
/// # Errors
/// When the JSON is no event.
pub fn unpack_event(head: &str, body: Vec<u8>) -> Result<Event, serde_json::Error> {
    let mut event: Event = serde_json::from_str(head)?;
    part(body, &mut pictures(&mut event.tell));
    Ok(event)
}

/// The bytes that travel beside an event.
fn pictures(tell: &mut Tell) -> Vec<&mut Vec<u8>> {
    match tell {
        Tell::Opened(preview) => vec![&mut preview.rgb],
        Tell::Portfolio(portfolio::Tell::Opened { picture, .. }) => vec![&mut picture.rgb],
        Tell::Portfolio(portfolio::Tell::Class(class::Tell::Taken { picture, .. })) => {
            vec![bytes(picture)]
        }
        Tell::Portfolio(portfolio::Tell::Class(class::Tell::Small(all))) => {
            all.iter_mut().filter_map(|(_, small)| Some(&mut small.as_mut()?.rgb)).collect()
        }
        Tell::Portfolio(portfolio::Tell::Page { cards, .. }) => {
            cards.iter_mut().map(|card| &mut card.small.rgb).collect()
        }
        _ => Vec::new(),
    }
}

/// Takes the bytes of all pictures: one as it is, several with the length of each in front, as four
/// bytes, the lowest first.
fn join(pictures: &mut [&mut Vec<u8>]) -> Vec<u8> {
    if let [one] = pictures {
        return std::mem::take(*one);
    }
    let mut body = Vec::new();
    for picture in pictures {
        // A picture has far fewer than 4 GiB.
        body.extend_from_slice(&(picture.len() as u32).to_le_bytes());
        body.append(*picture);
    }
    body
}

/// Gives the bytes back; what is cut off is empty.
fn part(body: Vec<u8>, pictures: &mut [&mut Vec<u8>]) {
    if let [one] = pictures {
        **one = body;
        return;
    }
    let mut rest = body.as_slice();
    for picture in pictures {
        let Some((length, more)) = rest.split_first_chunk::<4>() else { return };
        let Some((bytes, more)) = more.split_at_checked(u32::from_le_bytes(*length) as usize)
        else {
            return;
        };
        **picture = bytes.to_vec();
        rest = more;
    }
}

/// The bytes that travel beside a request.
fn picture(ask: &mut Ask) -> Option<&mut Vec<u8>> {
    let (Ask::Open(source)
    | Ask::Assess { source, .. }
    | Ask::Occlude { source, .. }
    | Ask::Portfolio(portfolio::Ask::Keep { source, .. })) = ask
    else {
        return None;
    };
    Some(bytes(source))
}

fn bytes(source: &mut Source) -> &mut Vec<u8> {
    match source {
        Source::File { bytes, .. } => bytes,
        Source::Pixels { rgb, .. } => rgb,
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

    #[test]
    fn several_pictures_travel_one_after_another() {
        use crate::portfolio::{Card, Id, Record, When};
        let when = When { ms: 1, ahead: 0 };
        let record = |id| Record {
            id: Id(id),
            pupil: Id(7),
            when,
            assessment: easel_core::Assessment::default(),
            comment: String::new(),
            note: String::new(),
            model: String::new(),
            class: None,
        };
        let card = |id: u8| {
            let small =
                Preview { width: 1, height: u32::from(id), rgb: vec![id; usize::from(id) * 3] };
            Card { record: record(u64::from(id)), small }
        };
        let page = |count| {
            let cards = (1..=count).map(card).collect();
            portfolio::Tell::Page { pupil: Id(7), from: 0, total: 9, cards }
        };
        // Every other drawing has no small copy.
        let small = (1..=4).map(|id| (Id(u64::from(id)), (id % 2 == 0).then(|| card(id).small)));
        let small = portfolio::Tell::Class(class::Tell::Small(small.collect()));
        for tell in (0..4).map(page).chain([small]) {
            let event = Event { id: 3, tell: Tell::Portfolio(tell) };
            let (head, body) = pack_event(event.clone());
            assert!(!head.contains("1,1,1"), "{head}");
            assert_eq!(unpack_event(&head, body.clone()).unwrap(), event);
            // Cut short it is no panic.
            for length in 0..body.len() {
                unpack_event(&head, body[..length].to_vec()).unwrap();
            }
        }
    }
}
