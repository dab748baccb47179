// Says of each 20 ms frame whether somebody speaks, by loudness against the noise of the room. It only has to notice a beginning and
// a pause: whether a turn is over, the server judges.

// FrameMS is the length of a frame.
export const FrameMS = 20;

const enter = 10; // dB above the room
const leave = 6; // dB above the room: the soft end of a word still belongs to it
const faint = -55; // dBFS; nothing below is speech
const span = 25; // frames that recent() may ask for

export class Detector {
  constructor() {
    this.room = -45; // a loud one, until pauses show better
    this.voiced = false;
    this.history = [];
  }

  // push takes the loudness of the next frame in dBFS and returns whether it is speech.
  push(level) {
    this.voiced = level > Math.max(faint, this.room + (this.voiced ? leave : enter));
    // The room is what pauses show: fast down, slowly up, and slowest under speech, so that a fan that starts is no speech for ever.
    if (level < this.room) this.room += 0.3 * (level - this.room);
    else this.room += this.voiced ? 0.03 : 0.02 * (level - this.room);
    this.room = Math.max(this.room, -90);
    this.history.push(this.voiced);
    if (this.history.length > span) this.history.shift();
    return this.voiced;
  }

  // recent is how many of the last frames were speech.
  recent(frames) {
    return this.history.slice(-frames).filter(Boolean).length;
  }

  // forget drops the frames, not what is known of the room.
  forget() {
    this.history = [];
    this.voiced = false;
  }
}
