"""Lets a browser record with its MediaRecorder: python3 record.py BROWSER NAME MIME BITS [VOICE.wav]

BROWSER is the path of Chromium, whose fake microphone plays the WAV, or of Firefox, whose fake microphone gives a tone.
The files here were made by Chromium 156 and Firefox 153 ESR:

    record.py chromium chromium.webm        audio/webm 24000 voice.wav    (stereo, SILK and CELT, 60 ms a packet)
    record.py chromium chromium-celt.webm   audio/webm 96000 voice.wav
    record.py firefox  firefox.ogg          audio/ogg  24000
    record.py firefox  firefox.webm         audio/webm 16000

where voice.wav is voice.flac. What the recordings are is written beside them by make.py.
"""

import http.server
import pathlib
import subprocess
import sys
import tempfile
import threading

browser, name, mime, bits = sys.argv[1:5]
PAGE = """<script>
(async () => {
  const plain = {echoCancellation: false, noiseSuppression: false, autoGainControl: false};
  const stream = await navigator.mediaDevices.getUserMedia({audio: FAKE});
  const recorder = new MediaRecorder(stream, {mimeType: "MIME;codecs=opus", audioBitsPerSecond: BITS});
  const parts = [];
  recorder.ondataavailable = e => parts.push(e.data);
  recorder.onstop = () => fetch("/", {method: "POST", body: new Blob(parts)});
  recorder.start(250);
  setTimeout(() => recorder.stop(), 1500);
})();
</script>"""
PAGE = PAGE.replace("FAKE", "true" if "firefox" in browser else "plain").replace("MIME", mime).replace("BITS", bits)
done = threading.Event()


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def do_POST(self):
        pathlib.Path(name).write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        done.set()


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_address[1]}/"
with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
    if "firefox" in browser:
        pathlib.Path(profile, "user.js").write_text(
            'user_pref("media.navigator.streams.fake", true);\nuser_pref("media.navigator.permission.disabled", true);\n')
        command = [browser, "--headless", "--no-remote", "--profile", profile, url]
    else:
        command = [browser, "--headless=new", "--no-sandbox", "--user-data-dir=" + profile, "--use-fake-ui-for-media-stream",
                   "--use-fake-device-for-media-stream", "--use-file-for-fake-audio-capture=" + sys.argv[5], url]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ok = done.wait(60)
    process.terminate()
    process.wait(20)
sys.exit(not ok)
