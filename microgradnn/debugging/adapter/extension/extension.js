// Starts `python -m microgradnn dap` for a debug session, and shows the graph beside it. The rest is VS Code's own.
const vscode = require("vscode");

async function chosenPython(session) {
  const python = vscode.extensions.getExtension("ms-python.python");
  const path = python && (await python.activate(), python.exports.environments?.getActiveEnvironmentPath(session.workspaceFolder?.uri)?.path);
  return session.configuration.python || path || (process.platform === "win32" ? "python" : "python3");
}

async function showPicture(panel) {
  const dark = vscode.window.activeColorTheme.kind === vscode.ColorThemeKind.Dark;
  try {
    const { svg, title } = await vscode.debug.activeDebugSession.customRequest("picture", { theme: dark ? "dark" : "light" });
    const fit = "<style>svg { max-width: 100%; height: auto }</style>";
    panel.webview.html = `${fit}<p>${title}</p>${svg.slice(svg.indexOf("<svg"))}`;
  } catch (error) {
    panel.webview.html = `<p>${String(error.message).replace(/[<&]/g, " ")}</p>`;
  }
}

// The values of dz, z, x, ... stand in the rule that runs, from its "def" to the line that gives the contribution.
function valuesInRule(document, viewPort, context) {
  if (vscode.debug.activeDebugSession?.type !== "microgradnn" || !/microgradnn.ops./.test(document.fileName)) return [];
  const last = context.stoppedLocation.end.line, values = [];
  let first = last;
  while (first > 0 && !/^\s*def /.test(document.lineAt(first).text)) first--;
  for (let line = first; line <= last; line++) {
    for (const found of document.lineAt(line).text.matchAll(/\b(dz|z|d?[xy]\d*)\b/g)) {
      const range = new vscode.Range(line, found.index, line, found.index + found[0].length);
      values.push(new vscode.InlineValueVariableLookup(range, found[0], true));
    }
  }
  return values;
}

exports.activate = context => {
  let panel;
  context.subscriptions.push(
    vscode.debug.registerDebugAdapterDescriptorFactory("microgradnn", { createDebugAdapterDescriptor: async session =>
      new vscode.DebugAdapterExecutable(await chosenPython(session), ["-m", "microgradnn", "dap"], { cwd: session.workspaceFolder?.uri.fsPath }) }),
    vscode.debug.registerDebugConfigurationProvider("microgradnn", { resolveDebugConfiguration: (folder, given) =>
      given.type ? given : { type: "microgradnn", request: "launch", name: "Step through backprop", program: "${file}", stopOnEntry: true } }),
    vscode.languages.registerInlineValuesProvider("python", { provideInlineValues: valuesInRule }),
    vscode.debug.registerDebugAdapterTrackerFactory("microgradnn", { createDebugAdapterTracker: () => ({
      onDidSendMessage: message => panel && message.event === "stopped" && showPicture(panel) }) }),
    vscode.commands.registerCommand("microgradnn.picture", () => {
      panel ??= vscode.window.createWebviewPanel("microgradnn", "Graph", vscode.ViewColumn.Beside);
      panel.onDidDispose(() => (panel = undefined));
      showPicture(panel);
    }));
};
