; What Nightshift's installer does beyond electron-builder's own. It installs for one user and without an administrator, so everything
; here is written below HKEY_CURRENT_USER.

!macro customInstall
  ; Batch files can be opened with Nightshift; whatever opens them by default stays.
  WriteRegStr SHELL_CONTEXT "Software\Classes\Nightshift.Batch" "" "JSON Lines batch"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Nightshift.Batch\DefaultIcon" "" "$appExe,0"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Nightshift.Batch\shell\open\command" "" '"$appExe" "%1"'
  WriteRegStr SHELL_CONTEXT "Software\Classes\.jsonl\OpenWithProgids" "Nightshift.Batch" ""

  ; electron-builder registers links of an app on macOS and Linux only.
  WriteRegStr SHELL_CONTEXT "Software\Classes\nightshift" "" "URL:Nightshift"
  WriteRegStr SHELL_CONTEXT "Software\Classes\nightshift" "URL Protocol" ""
  WriteRegStr SHELL_CONTEXT "Software\Classes\nightshift\shell\open\command" "" '"$appExe" "%1"'

  System::Call 'shell32::SHChangeNotify(i, i, i, i) v (0x08000000, 0, 0, 0)'
!macroend

!macro customUnInstall
  ; An update uninstalls the version before it, and takes nothing away.
  ${ifNot} ${isUpdated}
    DeleteRegValue SHELL_CONTEXT "Software\Classes\.jsonl\OpenWithProgids" "Nightshift.Batch"
    DeleteRegKey SHELL_CONTEXT "Software\Classes\Nightshift.Batch"
    DeleteRegKey SHELL_CONTEXT "Software\Classes\nightshift"
    DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Run" "${APP_ID}"

    ; The firewall rule is offered by the app, once, when other machines are to be reached; then it leaves this mark. Taking it away
    ; asks for an administrator, so it is only tried where there is one.
    ReadRegStr $R0 HKCU "Software\Nightshift" "FirewallRule"
    ${if} $R0 == "1"
      ExecShellWait "runas" "$SYSDIR\netsh.exe" 'advfirewall firewall delete rule name="Nightshift"' SW_HIDE
      DeleteRegValue HKCU "Software\Nightshift" "FirewallRule"
      DeleteRegKey /ifempty HKCU "Software\Nightshift"
    ${endIf}
  ${endIf}
!macroend
