// Puts the words behind the address' `?` in their places. All of them are text: nothing of them becomes markup.
const words = new URLSearchParams(location.search);

for (const id of ["title", "text", "detail", "try-again", "logs"]) {
	const place = document.getElementById(id);
	const text = words.get(id);
	if (place === null || text === null) continue;
	place.textContent = text;
	place.hidden = false;
}
document.title = words.get("title") ?? document.title;
