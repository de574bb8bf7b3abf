@echo off
rem The command line of an installed Nightshift: Electron's own Node runs it.
setlocal
set ELECTRON_RUN_AS_NODE=1
"%~dp0..\..\Nightshift.exe" "%~dp0..\app.asar.unpacked\dist\native\cli\main.js" %*
exit /b %errorlevel%
