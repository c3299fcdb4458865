// Browsers let a page that was opened as a file read no other file: it is said, not shown blank.
if (location.protocol === "file:") {
  document.querySelector("#loading").innerHTML =
    "<p><b>Browsers let pages decode only over HTTP.</b><br>In this folder run " +
    "<code>python3 -m http.server</code>, or put it on any static host, and open the address.</p>";
}
