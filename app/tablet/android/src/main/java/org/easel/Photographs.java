package org.easel;

import android.content.ContentProvider;
import android.content.ContentValues;
import android.content.Context;
import android.database.Cursor;
import android.net.Uri;
import android.os.ParcelFileDescriptor;
import java.io.File;
import java.io.FileNotFoundException;

/** The one file that a camera may write into: in the app's own folder, in no gallery. */
public final class Photographs extends ContentProvider {
    static Uri place(Context context) {
        return Uri.parse("content://" + context.getPackageName() + ".photographs/one.jpg");
    }

    static File file(Context context) {
        return new File(context.getCacheDir(), "inbox/photograph.jpg");
    }

    @Override
    public ParcelFileDescriptor openFile(Uri uri, String mode) throws FileNotFoundException {
        File file = file(getContext());
        file.getParentFile().mkdirs();
        return ParcelFileDescriptor.open(file, ParcelFileDescriptor.parseMode(mode)
                | ParcelFileDescriptor.MODE_CREATE);
    }

    @Override
    public String getType(Uri uri) {
        return "image/jpeg";
    }

    @Override
    public boolean onCreate() {
        return true;
    }

    @Override
    public Cursor query(Uri uri, String[] columns, String where, String[] values, String order) {
        return null;
    }

    @Override
    public Uri insert(Uri uri, ContentValues values) {
        return null;
    }

    @Override
    public int delete(Uri uri, String where, String[] values) {
        return 0;
    }

    @Override
    public int update(Uri uri, ContentValues row, String where, String[] values) {
        return 0;
    }
}
