import PhotosUI
import UIKit
import UniformTypeIdentifiers

// Easel on iOS. The app itself is Rust; here is what only UIKit is asked for: pickers, the camera and
// the place for a file. Whatever somebody chooses is copied into the app's own folder, and its path is
// told.

@_silgen_name("easel_main")
func easelMain(_ data: UnsafePointer<CChar>, _ cache: UnsafePointer<CChar>, _ chinese: Bool, _ memory: UInt64)
@_silgen_name("easel_tell")
func easelTell(_ word: UnsafePointer<CChar>, _ text: UnsafePointer<CChar>)

@_cdecl("easel_ask")
func easelAsk(_ word: UnsafePointer<CChar>, _ text: UnsafePointer<CChar>) {
    let (word, text) = (String(cString: word), String(cString: text))
    DispatchQueue.main.async { Pickers.shared.show(word, text) }
}

let files = FileManager.default
let cache = files.urls(for: .cachesDirectory, in: .userDomainMask)[0]
let inbox = cache.appendingPathComponent("inbox")

/// Shows what is asked for, and tells what comes of it.
final class Pickers: NSObject, PHPickerViewControllerDelegate, UIImagePickerControllerDelegate,
    UINavigationControllerDelegate, UIDocumentPickerDelegate
{
    static let shared = Pickers()
    private var asked = ""

    func show(_ word: String, _ text: String) {
        switch word {
        case "picture", "pictures":
            var wanted = PHPickerConfiguration()
            wanted.filter = .images
            wanted.selectionLimit = word == "picture" ? 1 : 0
            wanted.preferredAssetRepresentationMode = .compatible
            let picker = PHPickerViewController(configuration: wanted)
            picker.delegate = self
            present(picker, word)
        case "photograph":
            guard UIImagePickerController.isSourceTypeAvailable(.camera) else {
                return easelTell("failed", "this tablet has no camera")
            }
            let camera = UIImagePickerController()
            camera.sourceType = .camera
            camera.delegate = self
            present(camera, word)
        case "zip":
            let picker = UIDocumentPickerViewController(forOpeningContentTypes: [.zip], asCopy: true)
            picker.delegate = self
            present(picker, word)
        case "save":
            let written = URL(fileURLWithPath: text)
            present(UIDocumentPickerViewController(forExporting: [written], asCopy: true), word)
        default:
            // The keyboard comes and goes by itself.
            break
        }
    }

    private func present(_ controller: UIViewController, _ word: String) {
        let scenes = UIApplication.shared.connectedScenes.compactMap { $0 as? UIWindowScene }
        let windows = scenes.flatMap(\.windows) + UIApplication.shared.windows
        guard let root = windows.first(where: \.isKeyWindow)?.rootViewController else { return }
        asked = word
        root.present(controller, animated: true)
    }

    /// A new folder for a copy, so that it keeps its name.
    private func folder() throws -> URL {
        let folder = inbox.appendingPathComponent(UUID().uuidString)
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    func picker(_ picker: PHPickerViewController, didFinishPicking results: [PHPickerResult]) {
        picker.dismiss(animated: true)
        let (word, group) = (asked, DispatchGroup())
        var paths = [String?](repeating: nil, count: results.count)
        for (at, result) in results.enumerated() {
            group.enter()
            let kind = UTType.image.identifier
            result.itemProvider.loadFileRepresentation(forTypeIdentifier: kind) { url, error in
                var path: String?
                if let url = url, let folder = try? self.folder() {
                    let copy = folder.appendingPathComponent(url.lastPathComponent)
                    // It is there only until this returns.
                    if (try? files.copyItem(at: url, to: copy)) != nil { path = copy.path }
                }
                DispatchQueue.main.async {
                    paths[at] = path
                    group.leave()
                }
            }
        }
        group.notify(queue: .main) {
            let copied = paths.compactMap { $0 }
            if copied.count < results.count { easelTell("failed", "a picture could not be copied") }
            if !copied.isEmpty { easelTell(word, copied.joined(separator: "\n")) }
        }
    }

    func imagePickerController(
        _ picker: UIImagePickerController,
        didFinishPickingMediaWithInfo info: [UIImagePickerController.InfoKey: Any]
    ) {
        picker.dismiss(animated: true)
        guard let image = info[.originalImage] as? UIImage,
            let bytes = image.jpegData(compressionQuality: 0.92), let folder = try? folder()
        else { return easelTell("failed", "the photograph could not be taken") }
        let file = folder.appendingPathComponent("photograph.jpg")
        do {
            try bytes.write(to: file)
            easelTell("photograph", file.path)
        } catch {
            easelTell("failed", error.localizedDescription)
        }
    }

    func documentPicker(_ picker: UIDocumentPickerViewController, didPickDocumentsAt urls: [URL]) {
        guard asked == "zip", let url = urls.first else { return }
        easelTell("zip", url.path)
    }
}

let support = files.urls(for: .applicationSupportDirectory, in: .userDomainMask)[0]
var own = support.appendingPathComponent("easel")
try? files.createDirectory(at: own, withIntermediateDirectories: true)
// No backup: what is kept of children stays on the tablet.
var values = URLResourceValues()
values.isExcludedFromBackup = true
try? own.setResourceValues(values)
for left in ["inbox", "outbox"] { try? files.removeItem(at: cache.appendingPathComponent(left)) }
let chinese = Locale.preferredLanguages.first?.hasPrefix("zh") ?? false
easelMain(own.path, cache.path, chinese, UInt64(os_proc_available_memory()))
