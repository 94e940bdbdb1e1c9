package org.easel;

import android.content.Context;
import android.text.InputType;
import android.view.KeyEvent;
import android.view.View;
import android.view.inputmethod.BaseInputConnection;
import android.view.inputmethod.EditorInfo;
import android.view.inputmethod.InputConnection;

/** What the keyboard on the screen types into: nothing is shown here, all is told to Rust. */
final class Typing extends View {
    Typing(Context context) {
        super(context);
        setFocusable(true);
        setFocusableInTouchMode(true);
    }

    @Override
    public boolean onCheckIsTextEditor() {
        return true;
    }

    @Override
    public InputConnection onCreateInputConnection(EditorInfo info) {
        info.inputType = InputType.TYPE_CLASS_TEXT | InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS;
        info.imeOptions = EditorInfo.IME_FLAG_NO_FULLSCREEN | EditorInfo.IME_FLAG_NO_EXTRACT_UI;
        return new Connection(this);
    }

    private static final class Connection extends BaseInputConnection {
        /** What is being composed, as pinyin is before its characters are chosen. */
        private String composed = "";

        Connection(View view) {
            super(view, false);
        }

        @Override
        public boolean commitText(CharSequence text, int cursor) {
            composed = "";
            if (text.toString().equals("\n")) {
                EaselActivity.tell("enter", "");
            } else {
                EaselActivity.tell("commit", text.toString());
            }
            return true;
        }

        @Override
        public boolean setComposingText(CharSequence text, int cursor) {
            composed = text.toString();
            EaselActivity.tell("compose", composed);
            return true;
        }

        @Override
        public boolean finishComposingText() {
            if (!composed.isEmpty()) {
                commitText(composed, 1);
            }
            return true;
        }

        @Override
        public boolean performEditorAction(int action) {
            EaselActivity.tell("enter", "");
            return true;
        }

        @Override
        public boolean deleteSurroundingText(int before, int after) {
            for (int at = 0; at < before; at++) {
                EaselActivity.tell("erase", "");
            }
            return true;
        }

        @Override
        public boolean sendKeyEvent(KeyEvent event) {
            if (event.getAction() != KeyEvent.ACTION_DOWN) {
                return true;
            }
            int letter = event.getUnicodeChar();
            if (event.getKeyCode() == KeyEvent.KEYCODE_DEL) {
                EaselActivity.tell("erase", "");
            } else if (event.getKeyCode() == KeyEvent.KEYCODE_ENTER) {
                EaselActivity.tell("enter", "");
            } else if (letter > 0) {
                EaselActivity.tell("commit", new String(Character.toChars(letter)));
            }
            return true;
        }
    }
}
