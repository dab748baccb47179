"use strict";

// Lists the operations of /openapi.json and lets each be tried. All text goes in as text, never as HTML.

const methods = ["get", "post", "put", "patch", "delete"];

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function resolve(spec, schema) {
  for (let i = 0; schema && schema.$ref && i < 20; i++) {
    schema = schema.$ref.split("/").slice(1).reduce((at, key) => at && at[key], spec);
  }
  return schema || {};
}

function typeName(schema) {
  if (schema.$ref) return schema.$ref.split("/").pop();
  const type = [].concat(schema.type || "any").filter((t) => t !== "null").join(" or ");
  return schema.items ? "list of " + typeName(schema.items) : type;
}

function limits(schema) {
  const parts = [];
  if (schema.enum) parts.push("one of " + schema.enum.join(", "));
  if (schema.minimum !== undefined) parts.push("at least " + schema.minimum);
  if (schema.maximum !== undefined) parts.push("at most " + schema.maximum);
  if (schema.maxLength !== undefined) parts.push("up to " + schema.maxLength + " characters");
  if (schema.description) parts.push(schema.description);
  return parts.join("; ");
}

function fieldTable(spec, schema) {
  const object = resolve(spec, schema);
  const names = Object.keys(object.properties || {});
  if (names.length === 0) return make("p", { class: "muted" }, typeName(schema));
  const body = make("tbody");
  for (const name of names) {
    const field = object.properties[name];
    const required = (object.required || []).includes(name);
    body.append(make("tr", {}, make("td", { class: "path" }, name + (required ? " *" : "")), make("td", {}, typeName(field)), make("td", {}, limits(resolve(spec, field)))));
  }
  return make("table", {}, make("thead", {}, make("tr", {}, make("th", {}, "field"), make("th", {}, "type"), make("th", {}, "notes"))), body);
}

function quote(text) {
  return "'" + text.replaceAll("'", "'\\''") + "'";
}

function tryOut(method, path, operation, hasBody) {
  const box = make("div");
  const inputs = [];
  for (const parameter of operation.parameters || []) {
    if (parameter.in !== "path" && parameter.in !== "query") continue;
    const input = make("input", { spellcheck: "false" });
    inputs.push([parameter, input]);
    box.append(make("label", {}, parameter.name + " (" + parameter.in + (parameter.required ? ", required" : "") + ")", input));
  }
  const body = make("textarea", { spellcheck: "false" }, "{}");
  if (hasBody) box.append(make("label", {}, "body", body));
  const curl = make("pre");
  const output = make("pre", { hidden: "" });

  const url = () => {
    let target = path;
    const query = new URLSearchParams();
    for (const [parameter, input] of inputs) {
      if (parameter.in === "path") target = target.replace("{" + parameter.name + "}", encodeURIComponent(input.value || parameter.name));
      else if (input.value) query.set(parameter.name, input.value);
    }
    const text = query.toString();
    return target + (text ? "?" + text : "");
  };
  const show = () => {
    const parts = ["curl -sS -X " + method.toUpperCase(), quote(location.origin + url()), '-H "Authorization: Bearer $TOKEN"'];
    if (hasBody) parts.push("-H 'Content-Type: application/json' -d " + quote(body.value));
    curl.textContent = parts.join(" \\\n  ");
  };
  const send = async () => {
    output.hidden = false;
    output.textContent = "…";
    const headers = {};
    const token = document.getElementById("token").value.trim();
    if (token) headers.Authorization = "Bearer " + token;
    if (hasBody) headers["Content-Type"] = "application/json";
    try {
      const answer = await fetch(url(), { method: method.toUpperCase(), headers, body: hasBody ? body.value : undefined });
      const text = await answer.text();
      let shown = text;
      try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: shown as it is */ }
      output.textContent = answer.status + " " + answer.statusText + "   X-Call-Id: " + (answer.headers.get("X-Call-Id") || "") + "\n\n" + shown;
    } catch (error) {
      output.textContent = String(error);
    }
  };
  const button = make("button", { type: "button" }, "Send");
  button.addEventListener("click", send);
  box.addEventListener("input", show);
  show();
  box.append(button, make("span", { class: "muted" }, "or, with TOKEN set:"), curl, output);
  return box;
}

function entry(spec, path, method, operation) {
  const inside = make("div");
  if (operation.description) inside.append(make("p", {}, operation.description));
  const content = operation.requestBody && operation.requestBody.content;
  const json = content && content["application/json"];
  if (json) inside.append(make("h4", {}, "Body"), fieldTable(spec, json.schema || {}));
  for (const [status, response] of Object.entries(operation.responses || {})) {
    const type = Object.keys(response.content || {})[0];
    if (!status.startsWith("2") || !type) continue;
    inside.append(make("h4", {}, status + " " + (response.description || "") + ", " + type), fieldTable(spec, response.content[type].schema || {}));
  }
  inside.append(make("h4", {}, "Try it"), tryOut(method, path, operation, Boolean(json)));
  const title = make("summary", {}, make("span", { class: "method" }, method.toUpperCase()), make("span", { class: "path" }, path), " ", make("span", { class: "muted" }, operation.summary || ""));
  return make("details", {}, title, inside);
}

async function main() {
  const list = document.getElementById("operations");
  const spec = await (await fetch("/openapi.json")).json();
  list.replaceChildren();
  for (const tag of spec.tags || []) {
    list.append(make("h2", {}, tag.name), make("p", { class: "muted" }, tag.description || ""));
    for (const path of Object.keys(spec.paths).sort((a, b) => a.startsWith("/async") - b.startsWith("/async") || a.localeCompare(b))) {
      for (const method of methods) {
        const operation = spec.paths[path][method];
        if (operation && (operation.tags || []).includes(tag.name)) list.append(entry(spec, path, method, operation));
      }
    }
  }
  if (!list.childElementCount) list.textContent = "This host has no functions.";
}

main().catch((error) => { document.getElementById("operations").textContent = "Could not read /openapi.json: " + error; });
