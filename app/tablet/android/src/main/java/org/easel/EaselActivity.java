package org.easel;

import android.app.NativeActivity;
import android.content.ActivityNotFoundException;
import android.content.ClipData;
import android.content.Intent;
import android.database.Cursor;
import android.graphics.Insets;
import android.net.Uri;
import android.os.Build;
import android.os.Bundle;
import android.provider.MediaStore;
import android.provider.OpenableColumns;
import android.view.View;
import android.view.ViewGroup;
import android.view.WindowInsets;
import android.view.inputmethod.InputMethodManager;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Easel's window on Android. The app itself is Rust; here is what only Java is asked for: pickers, the
 * camera, the place for a file, the keyboard, and how far bars reach in. Whatever somebody chooses is
 * copied into the app's own folder, and its path is told.
 */
public final class EaselActivity extends NativeActivity {
    static {
        System.loadLibrary("easel");
    }

    private static final int PICTURE = 1;
    private static final int PICTURES = 2;
    private static final int PHOTOGRAPH = 3;
    private static final int ZIP = 4;
    private static final int SAVE = 5;

    private Typing typing;
    /** The file that somebody chooses a place for. */
    private String written;

    /** Tells Rust a word and a text. */
    static native void tell(String word, String text);

    @Override
    protected void onCreate(Bundle saved) {
        if (saved == null) {
            // What an earlier start left on its way.
            clear(new File(getCacheDir(), "inbox"));
            clear(new File(getCacheDir(), "outbox"));
        } else {
            written = saved.getString("written");
        }
        super.onCreate(saved);
        typing = new Typing(this);
        addContentView(typing, new ViewGroup.LayoutParams(1, 1));
        View window = getWindow().getDecorView();
        window.setOnApplyWindowInsetsListener((view, insets) -> {
            tell("insets", inward(insets));
            return view.onApplyWindowInsets(insets);
        });
    }

    @Override
    protected void onSaveInstanceState(Bundle saved) {
        super.onSaveInstanceState(saved);
        saved.putString("written", written);
    }

    /** Called by Rust, on its own thread. */
    public void ask(String word, String text) {
        runOnUiThread(() -> {
            try {
                answer(word, text);
            } catch (ActivityNotFoundException error) {
                tell("failed", "this tablet has no app for it: " + word);
            }
        });
    }

    private void answer(String word, String text) {
        switch (word) {
            case "picture":
                startActivityForResult(chosen("image/*"), PICTURE);
                break;
            case "pictures":
                Intent several = chosen("image/*").putExtra(Intent.EXTRA_ALLOW_MULTIPLE, true);
                startActivityForResult(several, PICTURES);
                break;
            case "zip":
                startActivityForResult(chosen("application/zip"), ZIP);
                break;
            case "photograph":
                Intent camera = new Intent(MediaStore.ACTION_IMAGE_CAPTURE);
                camera.putExtra(MediaStore.EXTRA_OUTPUT, Photographs.place(this));
                camera.addFlags(Intent.FLAG_GRANT_WRITE_URI_PERMISSION);
                startActivityForResult(camera, PHOTOGRAPH);
                break;
            case "save":
                written = text;
                Intent place = new Intent(Intent.ACTION_CREATE_DOCUMENT);
                place.addCategory(Intent.CATEGORY_OPENABLE).setType(type(text));
                place.putExtra(Intent.EXTRA_TITLE, new File(text).getName());
                startActivityForResult(place, SAVE);
                break;
            case "keyboard":
                keyboard(text.equals("on"));
                break;
            default:
                break;
        }
    }

    private static Intent chosen(String type) {
        Intent intent = new Intent(Intent.ACTION_GET_CONTENT);
        return intent.addCategory(Intent.CATEGORY_OPENABLE).setType(type);
    }

    private static String type(String path) {
        String ending = path.substring(path.lastIndexOf('.') + 1);
        switch (ending) {
            case "pdf":
                return "application/pdf";
            case "csv":
                return "text/csv";
            case "json":
                return "application/json";
            default:
                return "application/zip";
        }
    }

    @Override
    protected void onActivityResult(int request, int result, Intent data) {
        if (result != RESULT_OK) {
            return;
        }
        List<Uri> uris = new ArrayList<>();
        ClipData several = data == null ? null : data.getClipData();
        if (several != null) {
            for (int at = 0; at < several.getItemCount(); at++) {
                uris.add(several.getItemAt(at).getUri());
            }
        } else if (data != null && data.getData() != null) {
            uris.add(data.getData());
        }
        // Copies take their time, and this thread draws.
        new Thread(() -> {
            try {
                arrived(request, uris);
            } catch (IOException | SecurityException error) {
                tell("failed", String.valueOf(error.getMessage()));
            }
        }).start();
    }

    private void arrived(int request, List<Uri> uris) throws IOException {
        if (request == PHOTOGRAPH) {
            tell("photograph", Photographs.file(this).getPath());
            return;
        }
        if (uris.isEmpty()) {
            return;
        }
        if (request == SAVE) {
            File file = new File(written);
            try (InputStream from = new FileInputStream(file);
                    OutputStream to = getContentResolver().openOutputStream(uris.get(0))) {
                copy(from, to);
            }
            file.delete();
            return;
        }
        StringBuilder paths = new StringBuilder();
        for (Uri uri : uris) {
            paths.append(copied(uri).getPath()).append('\n');
        }
        String word = request == PICTURE ? "picture" : request == PICTURES ? "pictures" : "zip";
        tell(word, paths.toString());
    }

    /** A copy of what is chosen, under its own name, in a folder of its own. */
    private File copied(Uri uri) throws IOException {
        File folder = new File(getCacheDir(), "inbox/" + System.nanoTime());
        if (!folder.mkdirs()) {
            throw new IOException(folder + ": cannot be made");
        }
        File file = new File(folder, name(uri));
        try (InputStream from = getContentResolver().openInputStream(uri);
                OutputStream to = new FileOutputStream(file)) {
            copy(from, to);
        }
        return file;
    }

    private String name(Uri uri) {
        String[] wanted = {OpenableColumns.DISPLAY_NAME};
        try (Cursor found = getContentResolver().query(uri, wanted, null, null, null)) {
            if (found != null && found.moveToFirst() && found.getString(0) != null) {
                // A name is no path.
                return found.getString(0).replaceAll("[/\\\\\\p{Cntrl}]", "_");
            }
        }
        return "picture";
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        if (from == null || to == null) {
            throw new IOException("what was chosen cannot be opened");
        }
        byte[] piece = new byte[1 << 16];
        for (int read = from.read(piece); read >= 0; read = from.read(piece)) {
            to.write(piece, 0, read);
        }
    }

    private static void clear(File file) {
        File[] within = file.listFiles();
        if (within != null) {
            for (File one : within) {
                clear(one);
            }
        }
        file.delete();
    }

    private void keyboard(boolean on) {
        InputMethodManager keyboard = getSystemService(InputMethodManager.class);
        if (on) {
            typing.requestFocus();
            keyboard.showSoftInput(typing, 0);
        } else {
            keyboard.hideSoftInputFromWindow(typing.getWindowToken(), 0);
        }
    }

    /** How far bars, notches and the keyboard reach in, in pixels: left, top, right, bottom. */
    @SuppressWarnings("deprecation")
    private static String inward(WindowInsets insets) {
        if (Build.VERSION.SDK_INT >= 30) {
            int kinds = WindowInsets.Type.systemBars() | WindowInsets.Type.displayCutout()
                    | WindowInsets.Type.ime();
            Insets found = insets.getInsets(kinds);
            return found.left + " " + found.top + " " + found.right + " " + found.bottom;
        }
        return insets.getSystemWindowInsetLeft() + " " + insets.getSystemWindowInsetTop() + " "
                + insets.getSystemWindowInsetRight() + " " + insets.getSystemWindowInsetBottom();
    }
}
