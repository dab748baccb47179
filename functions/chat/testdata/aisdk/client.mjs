// Talks with the function chat through Vercel's AI SDK as a browser would: one message, one approval, one message. Prints the
// messages that the SDK made of the streams as JSON. Arguments: URL, token, message, approve or deny.
import { AbstractChat, DefaultChatTransport, lastAssistantMessageIsCompleteWithApprovalResponses } from 'ai';

class State {
  status = 'ready';
  error = undefined;
  messages = [];
  pushMessage = (m) => { this.messages = [...this.messages, m]; };
  popMessage = () => { this.messages = this.messages.slice(0, -1); };
  replaceMessage = (i, m) => { this.messages = this.messages.map((old, at) => (at === i ? structuredClone(m) : old)); };
  snapshot = (v) => structuredClone(v);
}

class Chat extends AbstractChat {
  constructor(init) { super({ ...init, state: new State() }); }
}

const [url, token, message, answer] = process.argv.slice(2);
const problems = [];
const chat = new Chat({
  id: 'chat-' + Math.random().toString(36).slice(2),
  transport: new DefaultChatTransport({ api: url, headers: { Authorization: 'Bearer ' + token } }),
  sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses,
  onError: (e) => problems.push(String(e)),
});
const settled = async () => {
  for (let quiet = 0; quiet < 5; ) {
    await new Promise((r) => setTimeout(r, 50));
    quiet = chat.status === 'ready' || chat.status === 'error' ? quiet + 1 : 0;
  }
};

await chat.sendMessage({ text: message });
await settled();
const asked = chat.messages.at(-1).parts.find((p) => p.state === 'approval-requested');
if (asked) {
  await chat.addToolApprovalResponse({ id: asked.approval.id, approved: answer === 'approve' });
  await settled();
}
console.log(JSON.stringify({ status: chat.status, problems, messages: chat.messages, asked }));
