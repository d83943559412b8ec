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
    panel.webview.html = `<body><p>${title}</p>${svg.slice(svg.indexOf("<svg"))}</body>`;
  } catch (error) {
    panel.webview.html = `<body><p></p></body>`;
    panel.webview.html = panel.webview.html.replace("<p>", "<p>" + String(error.message).replace(/[<&]/g, " "));
  }
}

exports.activate = context => {
  let panel;
  context.subscriptions.push(
    vscode.debug.registerDebugAdapterDescriptorFactory("microgradnn", { createDebugAdapterDescriptor: async session =>
      new vscode.DebugAdapterExecutable(await chosenPython(session), ["-m", "microgradnn", "dap"], { cwd: session.workspaceFolder?.uri.fsPath }) }),
    vscode.debug.registerDebugConfigurationProvider("microgradnn", { resolveDebugConfiguration: (folder, given) =>
      given.type ? given : { type: "microgradnn", request: "launch", name: "Step through backprop", program: "${file}", stopOnEntry: true } }),
    vscode.debug.registerDebugAdapterTrackerFactory("microgradnn", { createDebugAdapterTracker: () => ({
      onDidSendMessage: message => panel && message.event === "stopped" && showPicture(panel) }) }),
    vscode.commands.registerCommand("microgradnn.picture", () => {
      panel ??= vscode.window.createWebviewPanel("microgradnn", "Graph", vscode.ViewColumn.Beside);
      panel.onDidDispose(() => (panel = undefined));
      showPicture(panel);
    }));
};
